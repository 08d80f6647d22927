// Runs a client against a program's HTTP door: the address goes behind the client's words, the token into its settings.
//
//   node tests/clients/over-http.mjs autotask-mcp python tests/clients/python.py
import { spawnSync } from "node:child_process";
import { serve, TOKEN } from "./served.mjs";

const [program, command, ...words] = process.argv.slice(2);
const server = await serve(program);
const env = { ...process.env, AUTOTASK_HTTP_TOKEN: TOKEN };
const { status } = spawnSync(command, [...words, server.url], { env, stdio: "inherit" });
server.stop();
process.exit(status ?? 1);
