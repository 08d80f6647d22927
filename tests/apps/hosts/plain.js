// A strict host: the view has an opaque origin, no network, and only what it requests by message.
const HANDSHAKE_VERSION = "2026-01-26";
const ACCEPTED = ["ui/open-link", "ui/download-file", "ui/message", "ui/update-model-context"];

let frame;
let context;
let capabilities;
let initialized;
const seen = Object.assign([], { waiting: 0 });

window.host = { open, show, send, change, seen };

/** Loads a view and resolves once it reported that it is initialized. */
async function open(options) {
  context = options.context;
  capabilities = options.capabilities;
  document.documentElement.className = context.theme;
  frame = document.createElement("iframe");
  frame.title = "View";
  frame.style.width = `${context.containerDimensions.width}px`;
  frame.style.height = `${options.height}px`;
  frame.sandbox = "allow-scripts";
  frame.src = `/view/${options.view}`;
  const ready = new Promise((resolve) => (initialized = resolve));
  document.body.replaceChildren(frame);
  await ready;
}

/** What a host sends after a tool call: its arguments, then its result. */
function show(args, result) {
  send("ui/notifications/tool-input", { arguments: args });
  send("ui/notifications/tool-result", result);
}

function change(part) {
  Object.assign(context, part);
  document.documentElement.className = context.theme;
  const { width, height } = part.containerDimensions ?? {};
  if (width) frame.style.width = `${width}px`;
  if (height) frame.style.height = `${height}px`;
  send("ui/notifications/host-context-changed", part);
}

function send(method, params) {
  post({ jsonrpc: "2.0", method, params });
}

function post(message) {
  frame.contentWindow.postMessage(message, "*");
}

window.addEventListener("message", async ({ source, data }) => {
  if (source !== frame?.contentWindow) return;
  seen.push(data);
  if (data.id === undefined) return notified(data);
  seen.waiting += 1;
  const answer = await respond(data).catch((e) => ({ error: { code: -32603, message: String(e) } }));
  seen.waiting -= 1;
  post({ jsonrpc: "2.0", id: data.id, ...answer });
});

function notified({ method, params }) {
  if (method === "ui/notifications/initialized") initialized();
  if (method === "ui/notifications/size-changed") seen.height = params.height;
}

async function respond({ method, params }) {
  if (method === "ui/initialize") return { result: welcome() };
  if (method === "ping") return { result: {} };
  if (method === "ui/request-display-mode") return { result: { mode: params.mode } };
  if (ACCEPTED.includes(method)) return { result: {} };
  if (method === "tools/call" || method === "resources/read") return forward(method, params);
  return { error: { code: -32601, message: `${method} is not supported` } };
}

function welcome() {
  const hostInfo = { name: "plain", version: "1.0.0" };
  return { protocolVersion: HANDSHAKE_VERSION, hostInfo, hostCapabilities: capabilities, hostContext: context };
}

async function forward(method, params) {
  const response = await fetch("/request", { method: "POST", body: JSON.stringify({ method, params }) });
  return response.json();
}
