// The handshake of every view, with both hosts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "./support/browser.js";
import { startStage } from "./support/stage.js";
import { openView } from "./support/view.js";

const VIEWS = [
  ["triage", "search-tickets", { openOnly: true }, "Oven tablet offline"],
  ["ticket", "get-ticket", { id: 8107 }, "Oven tablet offline"],
  ["write", "update-ticket", { id: 8107, priority: "Critical" }, "Critical"],
  ["chart", "count-entity", { entity: "Tickets", query: [], groupBy: ["status"] }, "Waiting Vendor"],
];

let browser;
let stage;
before(async () => {
  browser = await startBrowser();
  stage = await startStage();
});
after(async () => {
  stage?.stop();
  await browser?.close();
});

for (const [view, tool, args, words] of VIEWS) {
  test(`${view}: handshake with the plain host`, async () => {
    const opened = await openView(browser, stage, { view, tool, args });
    await opened.has(words);
    const [hello] = await opened.seen("ui/initialize");
    assert.equal(hello.protocolVersion, "2026-01-26");
    const sizes = await opened.seen("ui/notifications/size-changed");
    assert.ok(sizes.length > 0 && sizes.length < 20, `the size was reported ${sizes.length} times`);
    await opened.close();
  });

  test(`${view}: handshake with the reference implementation`, async () => {
    const page = await browser.newPage();
    await page.goto(`${stage.origin}/reference.html`);
    const { url, token } = stage.server;
    const context = { theme: "light", locale: "en-US", timeZone: "America/New_York" };
    const html = process.env.AUTOTASK_VIEWS ? await stage.html(view) : undefined;
    const given = { url, token, tool, args, html, sandbox: stage.sandbox, context };
    const opened = await page.evaluate((given) => window.host.open(given), given);
    assert.ok(opened.app.name && opened.app.version);
    if (!html) assert.equal(opened.uri, `ui://autotask/${view}`);
    const inner = page.frames().find((frame) => frame.parentFrame()?.parentFrame() === page.mainFrame());
    await inner.waitForFunction((words) => document.body.innerText.includes(words), { timeout: 5000 }, words);
    const errors = await page.evaluate(() => window.host.seen.filter(({ name }) => name === "error"));
    assert.deepEqual(errors, []);
    await page.close();
  });
}
