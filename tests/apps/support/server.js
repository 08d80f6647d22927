// The program itself, over HTTP on its sandbox tenant, at a fixed time.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const TOKEN = "correct-horse-battery";
/** `AUTOTASK_MCP_BIN`, or what is found in the path. */
export const PROGRAM = process.env.AUTOTASK_MCP_BIN ?? "autotask-mcp";
const EXTENSION = { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } };
const CLIENT = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "tests", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": { extensions: EXTENSION },
};

/** Resolves, once the program listens, to its address, a JSON-RPC caller and a way to end it. */
export async function startServer(settings = {}) {
  const env = {
    PATH: process.env.PATH,
    AUTOTASK_SANDBOX_NOW: "2026-06-30T15:00:00Z",
    AUTOTASK_TRANSPORT: "http",
    AUTOTASK_HTTP_PORT: "0",
    AUTOTASK_HTTP_TOKEN: TOKEN,
    AUTOTASK_CONFIRM_MODE: "bound",
    ...settings,
  };
  const child = spawn(PROGRAM, ["--sandbox"], { env, stdio: ["ignore", "ignore", "pipe"] });
  // A run that is cut off leaves no program behind.
  process.once("exit", () => child.kill());
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const url = await address(child);
  const stop = () => child.kill();
  return { url, token: TOKEN, request: (method, params) => request(url, method, params), stop };
}

function address(child) {
  const lines = [];
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      const url = /served at (\S+)/.exec(line)?.[1];
      if (url) resolve(url);
    });
    child.on("error", (e) => reject(new Error(`AUTOTASK_MCP_BIN: ${PROGRAM} cannot be started: ${e.message}`)));
    child.on("exit", () => reject(new Error(`${PROGRAM} ended:\n${lines.join("\n")}`)));
  });
}

/** The result of one request, or the JSON-RPC error as `{ error }`. */
async function request(url, method, params) {
  const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: CLIENT } };
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": CLIENT["io.modelcontextprotocol/protocolVersion"],
    "mcp-method": method,
  };
  const name = params.name ?? params.uri;
  if (name) headers["mcp-name"] = name;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json();
  return answer.error ? { error: answer.error } : answer.result;
}
