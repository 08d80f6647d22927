// Starts a provider and a program that accepts its tokens, and runs clients that sign in.
//
//   node tests/oauth/run.mjs autotask-mcp node tests/oauth/typescript.mjs
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { serve } from "../clients/http-server.mjs";
import { open } from "./provider.mjs";

const [program, command, ...words] = process.argv.slice(2);

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const provider = await open();
const port = await freePort();
const server = await serve(program, {
  AUTOTASK_HTTP_PORT: String(port),
  AUTOTASK_HTTP_TOKEN: "",
  AUTOTASK_OAUTH_ISSUER: provider.issuer,
  AUTOTASK_OAUTH_AUDIENCE: `http://127.0.0.1:${port}/mcp`,
  AUTOTASK_OAUTH_SCOPES: "mcp",
  AUTOTASK_REQUIRE_PERSON: "true",
});
const client = spawn(command, [...words, server.url, provider.issuer], { stdio: "inherit" });
const status = await new Promise((resolve) => client.on("exit", resolve));
server.stop();
provider.stop();
process.exit(status ?? 1);
