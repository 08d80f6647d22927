// `autotask-mcp report`: one file that opens from a disk and prints.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { fits, isAccessible } from "./support/audit.js";
import { startBrowser } from "./support/browser.js";
import { PROGRAM } from "./support/server.js";

const env = { PATH: process.env.PATH, AUTOTASK_SANDBOX_NOW: "2026-06-30T15:00:00Z" };
const folder = mkdtempSync(join(tmpdir(), "reports-"));
let browser;
before(async () => (browser = await startBrowser()));
after(async () => {
  rmSync(folder, { recursive: true });
  await browser?.close();
});

for (const name of ["week", "month", "sla", "renewals", "unbilled"]) {
  test(`the report ${name} opens without a request, is accessible, and prints`, async () => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, execFileSync(PROGRAM, ["report", name, "--sandbox"], { env, stdio: ["ignore", "pipe", "ignore"] }));
    const page = await browser.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (line) => line.type() === "error" && problems.push(line.text()));
    page.on("request", (request) => request.url().startsWith("file:") || problems.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    const shown = await page.evaluate(() => [document.body.innerText.length > 200, document.querySelectorAll("table").length > 0]);
    assert.deepEqual(shown, [true, true]);
    for (const width of [400, 1000]) {
      await page.setViewport({ width, height: 800 });
      await fits({ frame: page.mainFrame() });
    }
    await isAccessible({ frame: page.mainFrame() });
    const print = await page.pdf({ format: "A4" });
    assert.ok(print.length > 10_000);
    await page.close();
    assert.deepEqual(problems, []);
  });
}
