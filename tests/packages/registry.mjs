// Serves the npm packages of a folder on a free local port, and runs a command that uses this registry.
//
//   node tests/packages/registry.mjs FOLDER COMMAND…
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [folder, command, ...args] = process.argv.slice(2);
const files = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
const packages = new Map(files.map((file) => {
  const path = join(folder, file);
  const manifest = JSON.parse(execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" }));
  const integrity = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;
  return [manifest.name, { file, manifest, integrity }];
}));

const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url.slice(1));
  if (files.includes(path)) return response.end(readFileSync(join(folder, path)));
  const found = packages.get(path);
  if (!found) return response.writeHead(404).end("{}");
  const { manifest, file, integrity } = found;
  const version = { ...manifest, dist: { tarball: `http://${request.headers.host}/${file}`, integrity } };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({
    name: manifest.name,
    "dist-tags": { latest: manifest.version },
    versions: { [manifest.version]: version },
  }));
});
server.listen(0, "127.0.0.1", () => {
  const registry = `http://127.0.0.1:${server.address().port}/`;
  const env = { ...process.env, npm_config_registry: registry, npm_config_update_notifier: "false" };
  spawn(command, args, { stdio: "inherit", env }).on("exit", (code) => process.exit(code ?? 1));
});
