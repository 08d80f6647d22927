// Starts an unpacked bundle as Claude Desktop does, with the user's input, and prints how many tools it lists.
//
//   node tests/packages/mcpb.mjs FOLDER '{"sandbox":true}'
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";

// The package is in the folder of its command, which is in PATH.
const bin = process.env.PATH.split(delimiter).find((folder) => folder.endsWith(join("node_modules", ".bin")));
const { getMcpConfigForManifest } = createRequire(join(bin, "..", "x"))("@anthropic-ai/mcpb");
const [folder, input] = process.argv.slice(2);
const config = await getMcpConfigForManifest({
  manifest: JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")),
  extensionPath: resolve(folder),
  systemDirs: {},
  userConfig: JSON.parse(input),
  pathSeparator: "/",
});
const server = spawn(config.command, config.args, { env: config.env, stdio: ["pipe", "pipe", "inherit"] });
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const clientInfo = { name: "mcpb", version: "1" };
send({ id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } });
send({ method: "notifications/initialized" });
send({ id: 2, method: "tools/list" });
send({ id: 3, method: "tools/call", params: { name: "get-version", arguments: {} } });
for await (const line of createInterface({ input: server.stdout })) {
  const { id, result } = JSON.parse(line);
  if (id === 2) console.log(`${result.tools.length} tools`);
  if (id === 3) console.log(`get-version: ${result.isError ? "error" : "ok"} ${result.content[0].text}`);
  if (id === 3) server.stdin.end();
}
