// Runs a client against the program's HTTP server; the URL is its last argument, and the token is in its environment.
//
//   node tests/clients/over-http.mjs autotask-mcp python tests/clients/python.py
import { spawnSync } from "node:child_process";
import { serve, TOKEN } from "./http-server.mjs";

const [program, command, ...args] = process.argv.slice(2);
const server = await serve(program);
const env = { ...process.env, AUTOTASK_HTTP_TOKEN: TOKEN };
const { status } = spawnSync(command, [...args, server.url], { env, stdio: "inherit" });
server.stop();
process.exit(status ?? 1);
