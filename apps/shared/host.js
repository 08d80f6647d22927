// The connection to the host: JSON-RPC over postMessage as of MCP Apps 2026-01-26.
import { applyContext, watchSize } from "./theme.js";

const PROTOCOL_VERSION = "2026-01-26";

/// Connects the view. `handlers` may have `input`, `result`, `cancelled` and `context`.
export function connectHost(name, handlers) {
  const waiting = new Map();
  let lastId = 0;
  const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  const notify = (method, params = {}) => send({ method, params });
  const request = (method, params) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      send({ id: lastId, method, params });
    });
  const host = { context: {}, capabilities: {}, request, notify };

  const events = {
    "ui/notifications/tool-input": (params) => handlers.input?.(params.arguments ?? {}),
    "ui/notifications/tool-result": (params) => handlers.result?.(params),
    "ui/notifications/tool-cancelled": (params) => handlers.cancelled?.(params.reason ?? ""),
    "ui/notifications/host-context-changed": (params) => changeContext(host, handlers, params),
  };
  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || data?.jsonrpc !== "2.0") return;
    if (data.method === undefined) settle(waiting, data);
    else if (data.id === undefined) events[data.method]?.(data.params ?? {});
    else if (data.method === "ping" || data.method === "ui/resource-teardown") send({ id: data.id, result: {} });
    else send({ id: data.id, error: { code: -32601, message: `Unknown method ${data.method}` } });
  });

  const initialize = {
    protocolVersion: PROTOCOL_VERSION,
    appInfo: { name: `autotask-${name}`, version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
  };
  request("ui/initialize", initialize).then((result) => {
    host.capabilities = result?.hostCapabilities ?? {};
    changeContext(host, handlers, result?.hostContext ?? {});
    notify("ui/notifications/initialized");
    watchSize((size) => notify("ui/notifications/size-changed", size));
  });
  return host;
}

function settle(waiting, { id, result, error }) {
  const call = waiting.get(id);
  if (!call) return;
  waiting.delete(id);
  if (error) call.reject(new Error(error.message ?? "The client rejected the request."));
  else call.resolve(result);
}

function changeContext(host, handlers, changes) {
  host.context = { ...host.context, ...changes };
  applyContext(host.context);
  handlers.context?.(host.context);
}

/// Calls a tool of the server; a rejected call becomes a result with an error.
export async function callTool(host, name, args) {
  try {
    return await host.request("tools/call", { name, arguments: args });
  } catch (error) {
    const next = "Try again, or ask for it in the chat.";
    return { isError: true, content: [], structuredContent: { error: { code: "not-sent", message: error.message, next } } };
  }
}

/// Opens a page of Autotask through the host. Other schemes than https are never passed on.
export async function openLink(host, url) {
  if (!/^https:\/\//i.test(url)) return false;
  const result = await host.request("ui/open-link", { url }).catch(() => ({ isError: true }));
  return result?.isError !== true;
}

/// Offers a file through the host; false if the host cannot or the user declined.
export async function download(host, resource) {
  if (!host.capabilities.downloadFile) return false;
  const contents = [{ type: "resource", resource }];
  const result = await host.request("ui/download-file", { contents }).catch(() => ({ isError: true }));
  return result?.isError !== true;
}

/// Informs the model of what the user did here; hosts without this feature are left alone.
export function informModel(host, text) {
  if (!host.capabilities.updateModelContext) return;
  host.request("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => {});
}

/// Whether the host can show the view over its whole window, and does not yet.
export function canExpand(host) {
  const { availableDisplayModes = [], displayMode } = host.context;
  return availableDisplayModes.includes("fullscreen") && displayMode !== "fullscreen";
}
