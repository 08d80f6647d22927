// A host made of the reference implementation: its client talks to the program, its bridge to the view.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { AppBridge, PostMessageTransport, RESOURCE_MIME_TYPE, getToolUiResourceUri } from "@modelcontextprotocol/ext-apps/app-bridge";

const INFO = { name: "reference", version: "1.0.0" };
const UI = { "io.modelcontextprotocol/ui": { mimeTypes: [RESOURCE_MIME_TYPE] } };
const REQUESTS = ["message", "openlink", "downloadfile", "updatemodelcontext"];
const seen = Object.assign([], { waiting: 0 });

window.host = { open, seen };

/** Calls a tool as a host does, and shows its result in the view that the tool names. */
async function open({ url, token, tool, args, html, sandbox, context }) {
  const client = await connect(url, token);
  const { tools } = await client.listTools();
  const uri = getToolUiResourceUri(tools.find(({ name }) => name === tool));
  const page = html ?? (await read(client, uri));
  const result = await client.callTool({ name: tool, arguments: args });
  const bridge = newBridge(client, context);
  await load(bridge, page, sandbox);
  await bridge.sendToolInput({ arguments: args });
  await bridge.sendToolResult(result);
  window.host.bridge = bridge;
  return { uri, app: bridge.getAppVersion(), capabilities: bridge.getAppCapabilities() };
}

async function connect(url, token) {
  const client = new Client(INFO, { capabilities: { extensions: UI } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function read(client, uri) {
  const { contents } = await client.readResource({ uri });
  const [{ mimeType, text }] = contents;
  if (mimeType !== RESOURCE_MIME_TYPE) throw new Error(`${uri} is ${mimeType}`);
  return text;
}

function newBridge(client, hostContext) {
  const { tools, resources } = client.getServerCapabilities();
  const offered = { openLinks: {}, downloadFile: {}, logging: {}, serverTools: tools, serverResources: resources };
  const capabilities = { ...offered, updateModelContext: { text: {} }, message: { text: {} } };
  const bridge = new AppBridge(client, INFO, capabilities, { hostContext });
  for (const name of REQUESTS) bridge[`on${name}`] = async (params) => (seen.push({ name, params }), {});
  bridge.onloggingmessage = (params) => seen.push({ name: "log", params });
  bridge.onsizechange = (params) => seen.push({ name: "size", params });
  bridge.onrequestdisplaymode = async ({ mode }) => (bridge.sendHostContextChange({ displayMode: mode }), { mode });
  bridge.onerror = (error) => seen.push({ name: "error", params: String(error) });
  return bridge;
}

/** The document of a view is written by a proxy on another origin, in a frame of its own. */
async function load(bridge, html, sandbox) {
  const frame = document.createElement("iframe");
  frame.title = "View";
  frame.sandbox = "allow-scripts allow-same-origin allow-forms";
  const proxy = new Promise((resolve) => addEventListener("message", ({ source, data }) => {
    if (source === frame.contentWindow && data.method === "ui/notifications/sandbox-proxy-ready") resolve();
  }));
  frame.src = sandbox;
  document.body.replaceChildren(frame);
  await proxy;
  const initialized = new Promise((resolve) => (bridge.oninitialized = resolve));
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  await bridge.sendSandboxResourceReady({ html });
  await initialized;
}
