// Runs the conformance suite against the program, and against its HTTP server with the suite's fixtures.
//
//   node tests/conformance/run.mjs target/debug/autotask-mcp target/debug/examples/conformance
//
// shipped.yaml and fixtures.yaml list the checks that are expected to fail, with reasons; one that passes is an error.
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve, TOKEN } from "../clients/http-server.mjs";

const SUITE = join(import.meta.dirname, "../node_modules/@modelcontextprotocol/conformance/dist/index.js");
const RESULTS = join(import.meta.dirname, "../../target/conformance");
const REVISIONS = ["2025-11-25", "2026-07-28"];
const [shipped, fixtures] = process.argv.slice(2);

/** Starts a proxy that adds the token, because the suite sends none. */
async function withToken(url) {
  const { hostname, port } = new URL(url);
  const proxy = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${TOKEN}` };
    const { method, url: path } = incoming;
    const forwarded = request({ hostname, port, method, path, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers);
      reply.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${proxy.address().port}/mcp`, stop: () => proxy.close() };
}

async function runSuite(name, url, revision) {
  const results = join(RESULTS, `${name}-${revision}`);
  const baseline = join(import.meta.dirname, `${name}.yaml`);
  rmSync(results, { recursive: true, force: true });
  const args = ["server", "--url", url, "--requirements", revision, "--expected-failures", baseline, "-o", results];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [SUITE, ...args]);
    console.log(`${name}, ${revision}: ${/Total: .*/.exec(stdout)[0]}, as expected`);
    return true;
  } catch (error) {
    console.log(`${name}, ${revision}: ${results} has the details\n${error.stdout?.split("=== SUMMARY ===").pop()}${error.stderr}`);
    return false;
  }
}

let passed = true;
for (const [name, program] of Object.entries({ shipped, fixtures })) {
  const server = await serve(program);
  const proxy = await withToken(server.url);
  for (const revision of REVISIONS) passed = (await runSuite(name, proxy.url, revision)) && passed;
  proxy.stop();
  server.stop();
}
process.exit(passed ? 0 : 1);
