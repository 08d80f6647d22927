// Starts a program's HTTP door over its sandbox on a free port.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export const TOKEN = "correct-horse-battery";

/** Resolves, once the program tells where it listens, to its address and a way to end it. */
export async function serve(program, others = {}) {
  const settings = { AUTOTASK_TRANSPORT: "http", AUTOTASK_HTTP_PORT: "0", AUTOTASK_HTTP_TOKEN: TOKEN, ...others };
  const env = { PATH: process.env.PATH, ...settings };
  const server = spawn(program, ["--sandbox"], { env, stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    const said = [];
    createInterface({ input: server.stderr }).on("line", (line) => {
      said.push(line);
      const url = /served at (\S+)/.exec(line)?.[1];
      if (url) resolve({ url, stop: () => server.kill() });
    });
    server.on("error", reject);
    server.on("exit", () => reject(new Error(`${program} ended:\n${said.join("\n")}`)));
  });
}
