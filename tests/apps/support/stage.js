// Serves the pages of both hosts and the views, and forwards the requests of a view to the program.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { build } from "esbuild";
import { startServer } from "./server.js";

const HOSTS = new URL("../hosts/", import.meta.url);
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8" };
/** As strict as the strictest known host is with a view that names no domains: not even pictures in data: addresses. */
const NO_NETWORK = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Starts the program and the pages; `answer` may replace the program's answer to a view. */
export async function startStage(settings = {}) {
  const stage = { requests: [], answer: () => undefined };
  const pages = createServer((request, response) => respond(stage, request, response));
  const port = await listen(pages);
  stage.origin = `http://localhost:${port}`;
  stage.sandbox = `http://127.0.0.1:${port}/sandbox.html`;
  stage.server = await startServer({ AUTOTASK_ALLOWED_ORIGINS: stage.origin, ...settings });
  stage.html = (view) => html(stage, view);
  stage.call = (name, args) => stage.server.request("tools/call", { name, arguments: args });
  stage.stop = () => {
    stage.server.stop();
    pages.closeAllConnections();
    pages.close();
  };
  return stage;
}

function listen(pages) {
  return new Promise((resolve) => pages.listen(0, "127.0.0.1", () => resolve(pages.address().port)));
}

async function respond(stage, request, response) {
  try {
    const [head, body] = await page(stage, request);
    response.writeHead(200, head).end(body);
  } catch (error) {
    response.writeHead(404).end(String(error));
  }
}

async function page(stage, request) {
  const path = request.url.slice(1).split("?")[0];
  if (path === "request") return [{}, JSON.stringify(await forward(stage, request))];
  if (path.startsWith("view/")) return [frozen(), await stage.html(path.slice("view/".length))];
  if (path === "reference.js") return [{ "content-type": TYPES.js }, await bundle()];
  const head = { "content-type": TYPES[path.split(".")[1]] };
  return [path === "sandbox.html" ? frozen() : head, await readFile(new URL(path, HOSTS))];
}

function frozen() {
  return { "content-type": TYPES.html, "content-security-policy": NO_NETWORK };
}

async function forward(stage, request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, params } = JSON.parse(Buffer.concat(chunks).toString());
  stage.requests.push({ method, params });
  const result = (await stage.answer(method, params)) ?? (await stage.server.request(method, params));
  return result.error ? { error: result.error } : { result };
}

/** A view as the program serves it, or, with `AUTOTASK_VIEWS`, the file of that folder. */
async function html(stage, view) {
  const folder = process.env.AUTOTASK_VIEWS;
  if (folder) return readFile(`${folder}/${view}.html`, "utf8");
  const { contents, error } = await stage.server.request("resources/read", { uri: `ui://autotask/${view}` });
  if (error) throw new Error(`ui://autotask/${view}: ${error.message}`);
  return contents[0].text;
}

let bundled;
function bundle() {
  bundled ??= build({
    entryPoints: [new URL("reference.js", HOSTS).pathname],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  return bundled.then(({ outputFiles }) => outputFiles[0].contents);
}
