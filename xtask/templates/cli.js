#!/usr/bin/env node
// Starts the program in the package of this platform, and passes signals and the exit code on.
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const platform = `${process.platform}-${process.arch}`;
const file = `{{name}}${process.platform === "win32" ? ".exe" : ""}`;
let program;
try {
  program = require.resolve(`{{npm}}-${platform}/bin/${file}`);
} catch {
  console.error(`{{npm}}-${platform} is not installed. Install again without --omit=optional; other platforms need {{url}}/releases.`);
  process.exit(1);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
