// The connection to the host: JSON-RPC over postMessage as of MCP Apps 2026-01-26.
import { fill } from "./dom.js";
import { problemPanel } from "./problem.js";
import { applyContext, watchSize } from "./theme.js";

/// Connects the view. `handlers` may have `input`, `result`, `cancelled` and `context`.
export function connectHost(name, handlers) {
  const calls = new Map();
  const host = { context: {}, capabilities: {} };
  const send = (message) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  const changeContext = (changes) => {
    host.context = { ...host.context, ...changes };
    applyContext(host.context);
    handlers.context?.(host.context);
  };
  host.request = (method, params) =>
    new Promise((resolve, reject) => {
      const id = calls.size + 1;
      calls.set(id, { resolve, reject });
      send({ id, method, params });
    });
  const events = {
    "tool-input": (params) => handlers.input?.(params.arguments ?? {}),
    "tool-result": async (params) => {
      try {
        await handlers.result(params);
      } catch ({ message }) {
        fill(document.querySelector("main"), problemPanel({ code: "not-shown", message: "This result cannot be shown here.", next: message }));
      }
    },
    "tool-cancelled": handlers.cancelled,
    "host-context-changed": changeContext,
  };
  const settle = ({ id, result, error }) => {
    if (error) calls.get(id)?.reject(new Error(error.message));
    else calls.get(id)?.resolve(result);
  };
  const answer = ({ id, method }) => {
    const known = method === "ping" || method === "ui/resource-teardown";
    send(known ? { id, result: {} } : { id, error: { code: -32601, message: "Unknown method" } });
  };
  window.addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.jsonrpc !== "2.0") return;
    if (!data.method) settle(data);
    else if (data.id === undefined) events[data.method.replace("ui/notifications/", "")]?.(data.params ?? {});
    else answer(data);
  });
  const params = {
    protocolVersion: "2026-01-26",
    appInfo: { name: `autotask-${name}`, version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
  };
  host.request("ui/initialize", params).then(({ hostCapabilities, hostContext }) => {
    host.capabilities = hostCapabilities ?? {};
    changeContext(hostContext);
    send({ method: "ui/notifications/initialized", params: {} });
    watchSize((size) => send({ method: "ui/notifications/size-changed", params: size }));
  });
  return host;
}

/// Calls a tool of the server; a call that the client rejects becomes a result with an error.
export function callTool(host, name, args) {
  const next = "Try again, or ask for it in the chat.";
  const failed = ({ message }) => ({ structuredContent: { error: { code: "not-sent", message, next } } });
  return host.request("tools/call", { name, arguments: args }).catch(failed);
}

/// Opens a page of Autotask through the host. Other schemes than https are never passed on.
export function openLink(host, url) {
  if (/^https:\/\//i.test(url)) host.request("ui/open-link", { url }).catch(() => {});
}

/// Offers a file through the host; false if the host cannot or the user declined.
export async function download(host, resource) {
  if (!host.capabilities.downloadFile) return false;
  const contents = [{ type: "resource", resource }];
  const result = await host.request("ui/download-file", { contents }).catch(() => ({ isError: true }));
  return !result?.isError;
}

/// Informs the model of what the user did here; hosts without this feature are left alone.
export function informModel(host, text) {
  if (!host.capabilities.updateModelContext) return;
  host.request("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => {});
}
