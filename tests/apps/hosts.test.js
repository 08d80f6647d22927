// The handshake of every view with both hosts, and the work of a view in the reference implementation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setup, ticket } from "./support/setup.js";
import { openInReference } from "./support/view.js";

const ALL = { filter: [{ op: "gte", field: "id", value: 0 }] };
const VIEWS = [
  ["triage", "search-tickets", { openOnly: true }, "Oven tablet offline"],
  ["ticket", "get-ticket", { id: 8107 }, "Oven tablet offline"],
  ["write", "update-ticket", { id: 8107, priority: "Critical" }, "Critical"],
  ["chart", "count-entity", { entity: "Tickets", query: ALL, groupBy: ["status"] }, "Waiting Vendor"],
];
const [TRIAGE, , WRITE] = VIEWS;
const CONTEXT = {
  theme: "dark",
  platform: "web",
  locale: "en-US",
  timeZone: "America/New_York",
  styles: { variables: { "--color-background-primary": "light-dark(#ffffff, #1a1a1a)", "--font-sans": "sans-serif" } },
  containerDimensions: { maxHeight: 6000 },
  displayMode: "inline",
  availableDisplayModes: ["inline", "fullscreen"],
};
const scene = setup();
const inReference = ([view, tool, args]) => openInReference(scene.browser, scene.stage, { view, tool, args, context: CONTEXT });
const named = async (view, name) => (await view.page.evaluate(() => [...window.host.seen])).filter((each) => each.name === name).map(({ params }) => params);

for (const row of VIEWS) {
  const [view, tool, args, words] = row;
  test(`${view}: handshake with the plain host`, async () => {
    const opened = await scene.open({ view, tool, args });
    await opened.has(words);
    const [hello] = await opened.seen("ui/initialize");
    assert.equal(hello.protocolVersion, "2026-01-26");
    const sizes = await opened.seen("ui/notifications/size-changed");
    assert.ok(sizes.length > 0 && sizes.length < 10, `the size was reported ${sizes.length} times`);
    await opened.close();
  });

  test(`${view}: handshake with the reference implementation`, async () => {
    const opened = await inReference(row);
    await opened.has(words);
    const { app, uri } = opened.opened;
    assert.ok(app.name && app.version);
    if (!process.env.AUTOTASK_VIEWS) assert.equal(uri, `ui://autotask/${view}`);
    assert.deepEqual(await named(opened, "error"), []);
    const sizes = await named(opened, "size");
    assert.ok(sizes.length > 0 && sizes.length < 10, `the size was reported ${sizes.length} times`);
    await opened.page.evaluate(() => window.host.bridge.teardownResource({}));
    await opened.close();
  });
}

test("the reference implementation passes on calls, files, links and what is selected", async () => {
  const view = await inReference(TRIAGE);
  await view.click("button", "Load the next page");
  await view.has(/^52 tickets/m);
  await view.click("checkbox", /T20260305\.0011/);
  await view.click("button", "Download CSV");
  await view.click("button", "Oven tablet offline");
  await view.has("It came back");
  assert.deepEqual(await view.picture(), [1, 1]);
  await view.click("button", "Open in Autotask");
  const [{ url }] = await named(view, "openlink");
  assert.match(url, /^https:.*8107$/);
  const [{ contents }] = await named(view, "downloadfile");
  assert.match(contents[0].resource.text, /Oven tablet offline/);
  const [{ content }] = await named(view, "updatemodelcontext");
  assert.match(content[0].text, /T20260305\.0011/);
  assert.deepEqual(await named(view, "error"), []);
  await view.close();
});

test("the reference implementation confirms a write, once", async () => {
  const view = await inReference(WRITE);
  await view.click("button", "Confirm", { count: 2 });
  await view.has(/^Done/m);
  assert.equal((await ticket(scene, 8107)).item.priority_label, "Critical");
  assert.deepEqual(await named(view, "error"), []);
  await view.close();
});

test("the program names the view of each tool", { skip: process.env.AUTOTASK_VIEWS && "the views are files" }, async () => {
  const { tools } = await scene.stage.server.request("tools/list", {});
  const uris = Object.fromEntries(tools.map(({ name, _meta }) => [name, _meta?.ui?.resourceUri]));
  assert.equal(uris["search-tickets"], "ui://autotask/triage");
  assert.equal(uris["get-ticket"], "ui://autotask/ticket");
  assert.equal(uris["count-entity"], "ui://autotask/chart");
  assert.equal(uris["delete-entity"], "ui://autotask/write");
});
