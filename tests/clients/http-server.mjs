// Starts the program as an HTTP server with the sandbox, on a free port.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export const TOKEN = "correct-horse-battery";

/** Resolves to the URL of the server and a function that stops it, once the program has logged its address. */
export async function serve(program, others = {}) {
  const settings = { AUTOTASK_TRANSPORT: "http", AUTOTASK_HTTP_PORT: "0", AUTOTASK_HTTP_TOKEN: TOKEN, ...others };
  const env = { PATH: process.env.PATH, ...settings };
  const server = spawn(program, ["--sandbox"], { env, stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    const log = [];
    createInterface({ input: server.stderr }).on("line", (line) => {
      log.push(line);
      const url = /served at (\S+)/.exec(line)?.[1];
      if (url) resolve({ url, stop: () => server.kill() });
    });
    server.on("error", reject);
    server.on("exit", () => reject(new Error(`${program} exited:\n${log.join("\n")}`)));
  });
}
