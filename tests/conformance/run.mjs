// Runs the conformance suite against the program and against its door with the suite's fixtures behind.
//
//   node tests/conformance/run.mjs target/debug/autotask-mcp target/debug/examples/conformance
//
// What may fail stands, with its reason, in shipped.yaml and fixtures.yaml; it must fail.
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve, TOKEN } from "../clients/served.mjs";

const SUITE = join(import.meta.dirname, "../node_modules/@modelcontextprotocol/conformance/dist/index.js");
const RESULTS = join(import.meta.dirname, "../../target/conformance");
const REVISIONS = ["2025-11-25", "2026-07-28"];
const [shipped, fixtures] = process.argv.slice(2);

/** The suite shows no token: this stands in front, adds one, and changes nothing else. */
async function withToken(url) {
  const { hostname, port } = new URL(url);
  const proxy = createServer((asked, answered) => {
    const headers = { ...asked.headers, authorization: `Bearer ${TOKEN}` };
    const { method, url: path } = asked;
    const onward = request({ hostname, port, method, path, headers }, (reply) => {
      answered.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answered);
    });
    onward.on("error", () => answered.destroy());
    answered.on("close", () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${proxy.address().port}/mcp`, stop: () => proxy.close() };
}

async function conforms(name, url, revision) {
  const results = join(RESULTS, `${name}-${revision}`);
  const baseline = join(import.meta.dirname, `${name}.yaml`);
  rmSync(results, { recursive: true, force: true });
  const words = ["server", "--url", url, "--requirements", revision, "--expected-failures", baseline, "-o", results];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [SUITE, ...words]);
    console.log(`${name}, ${revision}: ${/Total: .*/.exec(stdout)[0]}, as expected`);
    return true;
  } catch (error) {
    console.log(`${name}, ${revision}: ${results} has the details\n${error.stdout?.split("=== SUMMARY ===").pop()}${error.stderr}`);
    return false;
  }
}

let good = true;
for (const [name, program] of Object.entries({ shipped, fixtures })) {
  const server = await serve(program);
  const door = await withToken(server.url);
  for (const revision of REVISIONS) good = (await conforms(name, door.url, revision)) && good;
  door.stop();
  server.stop();
}
process.exit(good ? 0 : 1);
