// ui://autotask/write: a person reads what a write would do, and confirms or cancels it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, isAccessible, isolatesBidi } from "./support/audit.js";
import { comparePicture } from "./support/picture.js";
import { confirmed, setup, ticket } from "./support/setup.js";
import { hostile } from "./support/tenant.js";

const UPDATE = { tool: "update-ticket", args: { id: 8107, priority: "Critical" } };
const scene = setup();
const open = (options = {}) => scene.open({ view: "write", ...UPDATE, ...options });

test("shows a change with the value before and after, and what else happens", async () => {
  const args = { id: 8107, status: "Complete", priority: "High", resolution: "Replaced the tablet." };
  const view = await open({ args });
  for (const words of ["Oven tablet offline", "Marrow Bakery", "In Progress", "Complete", "Low", "High", "Replaced the tablet."]) await view.has(words);
  await view.has("Nothing has been written yet");
  const marks = await view.frame.evaluate(() => [document.querySelectorAll("del").length, document.querySelectorAll("ins").length]);
  assert.ok(marks[0] >= 2 && marks[1] >= 2, marks.join());
  await comparePicture(view, "write-light");
  await view.close();
});

test("Confirm writes exactly once, also when it is clicked twice", async () => {
  const view = await open({ args: { id: 8101, priority: "Critical" } });
  await view.click("button", "Confirm", { count: 2 });
  await view.has(/^Done/m);
  assert.equal(confirmed(scene, "update-ticket").length, 1);
  assert.equal((await ticket(scene, 8101)).item.priority_label, "Critical");
  assert.equal(await view.count("button", /^(Confirm|Cancel)$/), 0);
  const [context] = (await view.seen("ui/update-model-context")).slice(-1);
  assert.match(context.content[0].text, /confirmed update-ticket/);
  await view.close();
});

test("Cancel never writes, and tells the model", async () => {
  const view = await open({ args: { id: 8002, priority: "Critical" } });
  await view.click("button", "Cancel");
  await view.has("Nothing was written");
  assert.equal((await view.calls()).length, 0);
  assert.equal((await ticket(scene, 8002)).item.priority_label, "High");
  const [context] = await view.seen("ui/update-model-context");
  assert.match(context.content[0].text, /cancelled/);
  await view.close();
});

test("shows each record of a change of several", async () => {
  const view = await open({ args: { ids: [8107, 8101, 8044], assignedResourceID: "Jonah Whitlock" } });
  await view.has("Till printer jams");
  await view.has("Internet is slow");
  await view.has("Anders Holt");
  await view.click("button", "Confirm");
  await view.has("2 of 2 records written");
  await view.has(/had these values already\n8107/i);
  assert.equal(confirmed(scene, "update-ticket").length, 1);
  await view.close();
});

for (const [tool, args, words] of [
  ["create-ticket", { title: "Scanner offline", companyID: "Marrow Bakery", status: "New", priority: "High", queueID: "Onsite" }, ["Scanner offline", "Marrow Bakery"]],
  ["create-ticket-note", { ticketID: 8107, description: "A note.", noteType: 3, publish: 1 }, ["A note.", "All Autotask Users"]],
  ["create-time-entry", { ticketID: 8107, resourceID: "Jonah Whitlock", startDateTime: "2026-06-30T13:00:00Z", endDateTime: "2026-06-30T13:30:00Z", summaryNotes: "Half an hour." }, ["Half an hour.", "Jonah Whitlock"]],
  ["create-company", { companyName: "Granite Dental", companyType: "Customer", phone: "555-0100", ownerResourceID: "Priya Nair" }, ["Granite Dental"]],
  ["update-company", { id: 412, phone: "555-0111" }, ["555-0111", "Marrow Bakery"]],
  ["create-contact", { companyID: 412, firstName: "Ada", lastName: "Bird", emailAddress: "ada@example.com" }, ["Ada", "Bird"]],
  ["update-contact", { id: 77, title: "Founder" }, ["Bruno Marrow", "Founder"]],
  ["create-entity", { entity: "TicketNotes", parentEntity: "Tickets", parentId: 8107, fields: { title: "T", description: "D", noteType: 3, publish: 2 } }, ["D"]],
  ["update-entity", { entity: "Tickets", id: 8107, fields: { title: "Oven tablet still offline" } }, ["Oven tablet still offline"]],
  ["delete-entity", { entity: "TicketAttachments", parentEntity: "Tickets", parentId: 8107, id: 641 }, ["641"]],
]) {
  test(`shows and writes ${tool}`, async () => {
    const view = await open({ tool, args });
    for (const word of words) await view.has(word);
    await view.find("button", "Cancel");
    await isAccessible(view);
    await view.click("button", "Confirm");
    await view.has(/^Done/m);
    assert.equal(confirmed(scene, tool).length, 1);
    await view.close();
  });
}

test("marks the words of a long text that change", async () => {
  const description = "The tablet on the large oven shows no network since yesterday noon.";
  const view = await open({ args: { id: 8107, description } });
  const words = await view.frame.evaluate(() => [...document.querySelectorAll("del, ins, removed, added")].map((each) => each.textContent.trim()));
  assert.ok(words.join(" ").includes("yesterday"), words.join("|"));
  assert.ok(!words.join(" ").includes("large oven"), words.join("|"));
  await view.close();
});

test("a code that was used up leads to a new preview", async () => {
  const args = { id: 8044, priority: "Low" };
  const preview = await scene.call("update-ticket", args);
  await scene.call("update-ticket", { ...args, confirm: preview._meta["autotask/confirm"] });
  const back = { ...args, priority: "Critical" };
  const { _meta } = await scene.call("update-ticket", back);
  await scene.call("update-ticket", { ...back, confirm: _meta["autotask/confirm"] });
  const view = await open({ args, result: preview });
  await view.click("button", "Confirm");
  await view.has("confirm-mismatch");
  await isAccessible(view);
  await view.click("button", "New preview");
  await view.click("button", "Confirm");
  await view.has(/^Done/m);
  assert.equal((await ticket(scene, 8044)).item.priority_label, "Low");
  await view.close();
});

test("without a code there is no Confirm", async () => {
  const { _meta, ...preview } = await scene.call("update-ticket", UPDATE.args);
  const view = await open({ result: preview });
  await view.has("Critical");
  assert.equal(await view.count("button", /^Confirm$/), 0);
  await view.close();
});

test("a rejected call, a lost connection and a stopped call each say so", async () => {
  const rejected = await open({ args: { id: 8107, priority: "Nonsense" } });
  await rejected.has(/Nonsense/);
  await rejected.has(/Critical/);
  assert.equal(await rejected.count("button", /^Confirm$/), 0);
  await rejected.close();
  const lost = await open({ args: { id: 8002, priority: "Medium" } });
  scene.stage.answer = () => ({ error: { code: -32000, message: "The connection was lost." } });
  await lost.click("button", "Confirm");
  await lost.has("The connection was lost.");
  assert.equal(await lost.count("button", /^Confirm$/), 0);
  await lost.close();
  const stopped = await open({ waiting: true });
  await stopped.send("ui/notifications/tool-cancelled", { reason: "the user stopped it" });
  await stopped.has("Stopped");
  await stopped.close();
});

test("a write that the host already confirmed shows its outcome", async () => {
  const result = { content: [{ type: "text", text: '{"itemId":8107,"changed":{"priority":{"from":3,"to":4}}}' }] };
  const view = await open({ result });
  await view.has("8107");
  assert.equal(await view.count("button", /^Confirm$/), 0);
  await view.close();
});

test("works without a mouse, and the focus cannot confirm by accident", async () => {
  const view = await open({ args: { id: 8020, priority: "High" } });
  await view.page.focus("iframe");
  await view.press("Enter", "Space");
  assert.equal(confirmed(scene, "update-ticket").length, 0);
  await view.tabTo("button", "Confirm");
  await view.press("Enter");
  await view.has(/^Done/m);
  assert.equal(confirmed(scene, "update-ticket").length, 1);
  await view.close();
});

test("writes dates as the host's locale and time zone do", async () => {
  const view = await open({ args: { id: 8107, dueDateTime: "2026-07-03T22:30:00Z" }, context: { locale: "de-DE", timeZone: "Europe/Berlin" } });
  await view.has(/0?4\.(0?7\.| Juli )2026,? (um )?0?0:30/);
  await view.close();
});

for (const width of [320, 1000, 1400]) {
  test(`fits into ${width} px, in the light and in the dark`, async () => {
    const view = await open({ width, args: { ids: [8107, 8101], status: "Complete", resolution: "Word ".repeat(60) } });
    await fits(view);
    await isAccessible(view);
    await view.change({ theme: "dark" });
    await isAccessible(view);
    if (width === 320) await comparePicture(view, "write-dark-narrow");
    await view.close();
  });
}

test("hostile text in every field neither runs nor breaks the layout", async () => {
  for (const args of [{ id: 8107, title: "x", priority: "High" }, { ids: [8107, 8101], title: "x" }]) {
    const preview = await scene.call("update-ticket", args);
    const { error } = preview.structuredContent;
    const bad = { ...error, ...hostile({ message: "x", accepted: "x", next: "x" }), preview: hostile({ ...error.preview, warnings: ["x"], sideEffects: ["x"] }) };
    for (const width of [320, 1000]) {
      const view = await open({ width, result: { ...preview, structuredContent: { error: bad } } });
      await view.find("button", "Confirm");
      await view.inert();
      await fits(view);
      await isolatesBidi(view);
      await isAccessible(view);
      await view.close();
    }
  }
});

test("a hostile error neither runs nor breaks the layout", async () => {
  const error = hostile({ code: "x", message: "x", accepted: "x", next: "x", retry: "x" });
  const view = await open({ width: 320, result: { isError: true, content: [], structuredContent: { error } } });
  await view.inert();
  await fits(view);
  await view.close();
});
