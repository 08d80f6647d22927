// ui://autotask/ticket: what a technician reads and does on the card of a ticket.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, isAccessible, isolatesBidi } from "./support/audit.js";
import { comparePicture } from "./support/picture.js";
import { confirmed, setup, ticket } from "./support/setup.js";
import { editedJson, hostile } from "./support/tenant.js";

const ID = 8107;
const ALL = { id: ID, include: ["notes", "timeEntries", "attachments", "checklist"] };
const scene = setup();
const open = (options = {}) => scene.open({ view: "ticket", tool: "get-ticket", args: ALL, height: 900, ...options });

test("shows facts, and notes and time newest first with who can see each", async () => {
  const view = await open();
  const text = await view.text();
  const order = ["It came back", "agreed a time", "Archived old mail", "Left a message"].map((words) => text.indexOf(words));
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
  assert.ok(order[0] > 0);
  for (const words of ["Jonah Whitlock", "Customer can see", "Internal", "3.25 h logged", "1 of 3 completed", "TW-1003"]) await view.has(words);
  await view.picture();
  await comparePicture(view, "ticket-light");
  await view.close();
});

test("shows the picture of an attachment, without a request of its own", async () => {
  const view = await open();
  assert.deepEqual(await view.picture(), [1, 1]);
  await view.close();
});

test("shows the picture through a tool if the host passes no resources on", async () => {
  const view = await open({ capabilities: { serverTools: {} } });
  assert.deepEqual(await view.picture(), [1, 1]);
  assert.equal((await view.calls("get-entity"))[0].entity, "TicketAttachments");
  await view.close();
});

test("shows a text file on request, and downloads it", async () => {
  const view = await open();
  await view.click("button", /^Show/);
  const file = JSON.parse((await scene.call("get-entity", { entity: "TicketAttachments", id: 641 })).content[0].text);
  await view.has(file.content.trim().split("\n")[0]);
  await view.click("button", /^Download/);
  const [{ contents }] = await view.seen("ui/download-file");
  assert.match(contents[0].resource.uri, /tablet\.log$/);
  await view.close();
});

test("reads what the model did not ask for", async () => {
  const view = await open({ args: { id: ID } });
  await view.has("It came back");
  assert.equal((await view.calls("get-ticket")).length, 1);
  await view.close();
});

test("opens the ticket in Autotask through the host", async () => {
  const view = await open();
  await view.click("button", /Open in Autotask/);
  const [{ url }] = await view.seen("ui/open-link");
  assert.match(url, /^https:\/\/ww14\.autotask\.net\/.*8107$/);
  await view.close();
});

test("adds a note, internal unless said otherwise, and shows it", async () => {
  const view = await open();
  await view.click("button", "Add note");
  const chosen = await (await view.find("combobox", "Who can see it")).evaluate((select) => select.selectedOptions[0].text);
  assert.match(chosen, /^Internal/);
  await view.fill("Note", "The access point was replaced.");
  await view.fill("Title", "Access point");
  await view.click("button", "Continue to preview");
  await view.has("The access point was replaced.");
  assert.equal(confirmed(scene, "create-ticket-note").length, 0);
  await view.click("button", "Confirm");
  await view.has(/^Done/m);
  const { notes } = await ticket(scene, ID);
  const [note] = notes.filter(({ title }) => title === "Access point");
  assert.equal(note.publish, 2);
  const [, ...others] = confirmed(scene, "create-ticket-note");
  assert.equal(others.length, 0);
  await view.has("7 notes");
  await view.close();
});

test("a cancelled note is never written", async () => {
  const before = (await ticket(scene, ID)).notes.length;
  const view = await open();
  await view.click("button", "Add note");
  await view.fill("Note", "This is never written.");
  await view.click("button", "Continue to preview");
  await view.find("button", "Confirm");
  await view.click("button", "Cancel");
  assert.equal((await ticket(scene, ID)).notes.length, before);
  assert.equal(confirmed(scene, "create-ticket-note").length, 0);
  const focus = await view.frame.evaluate(() => document.activeElement.innerText);
  assert.equal(focus, "Add note");
  await view.close();
});

test("logs time", async () => {
  const view = await open();
  await view.click("button", "Log time");
  await view.fill(/From/, "09:00AM");
  await view.fill(/^To/, "10:30AM");
  await view.fill(/Summary/, "Replaced the access point.");
  await view.click("button", "Continue to preview");
  await view.find("button", "Confirm");
  await view.click("button", "Confirm");
  await view.has(/^Done/m);
  const { timeEntries } = await ticket(scene, ID);
  const [entry] = timeEntries.filter(({ summaryNotes }) => summaryNotes === "Replaced the access point.");
  assert.equal(entry.hoursWorked, 1.5);
  assert.equal(entry.startDateTime, "2026-06-30T13:00:00Z");
  await view.close();
});

test("changes the status, and shows the new one", async () => {
  const view = await open({ args: { ...ALL, id: 8101 } });
  await view.click("button", "Change status");
  await view.choose("Status", /Waiting Customer/);
  await view.click("button", "Continue to preview");
  await view.find("button", "Confirm");
  await view.has("Waiting Customer");
  await view.click("button", "Confirm");
  await view.has(/^Done/m);
  assert.equal((await ticket(scene, 8101)).item.status_label, "Waiting Customer");
  await view.close();
});

test("an error and a stopped call each say so", async () => {
  const missing = await open({ args: { id: 1 } });
  await missing.has(/There is no Ticket 1/);
  await isAccessible(missing);
  await missing.close();
  const stopped = await open({ waiting: true });
  await stopped.send("ui/notifications/tool-cancelled", { reason: "the user stopped it" });
  await stopped.has("Stopped");
  await stopped.close();
});

test("a rejected write keeps the card and says what is accepted", async () => {
  const view = await open();
  await view.click("button", "Log time");
  await view.fill(/Technician/, "Nobody Known", "combobox");
  await view.fill(/hours/, "1");
  await view.fill(/Summary/, "Never written.");
  await view.click("button", "Continue to preview");
  await view.has(/Nobody Known/);
  assert.equal(await view.count("button", /^Confirm/), 0);
  await view.has("It came back");
  await view.close();
});

for (const width of [320, 1000, 1400]) {
  test(`fits into ${width} px, with each form`, async () => {
    const view = await open({ width });
    await fits(view);
    for (const name of ["Add note", "Log time", "Change status"]) {
      await view.click("button", name);
      await fits(view);
    }
    if (width === 320) await comparePicture(view, "ticket-narrow");
    await view.close();
  });
}

test("writes dates as the host's locale and time zone do, also after a change", async () => {
  const view = await open();
  await view.has("Mar 6, 2026, 7:30");
  await view.change({ locale: "de-DE", timeZone: "Europe/Berlin" });
  await view.has(/0?6\.(0?3\.| März )2026, 13:30/);
  await view.close();
});

test("is accessible in the light and in the dark, with a form open", async () => {
  const view = await open();
  await view.picture();
  await isAccessible(view);
  await view.click("button", "Log time");
  await isAccessible(view);
  await view.change({ theme: "dark" });
  await isAccessible(view);
  await comparePicture(view, "ticket-dark-form");
  await view.close();
});

test("adds a note without a mouse", async () => {
  const view = await open({ args: { ...ALL, id: 8002 } });
  await view.page.focus("iframe");
  await view.tabTo("button", "Add note");
  await view.press("Enter");
  await view.page.keyboard.type("Written with the keyboard.");
  await view.tabTo("button", "Continue to preview");
  await view.press("Enter");
  await view.find("button", "Confirm");
  await view.tabTo("button", "Confirm");
  await view.press("Enter");
  await view.has(/^Done/m);
  const { notes } = await ticket(scene, 8002);
  assert.equal(notes.filter(({ description }) => description === "Written with the keyboard.").length, 1);
  await view.close();
});

test("Escape leaves a form, and the focus returns", async () => {
  const view = await open();
  await view.click("button", "Add note");
  await view.press("Escape");
  assert.equal(await view.count("button", /Continue/), 0);
  assert.equal(await view.frame.evaluate(() => document.activeElement.innerText), "Add note");
  await view.close();
});

test("hostile text in every field neither runs nor breaks the layout", async () => {
  const { content, ...rest } = await scene.call("get-ticket", ALL);
  const bad = editedJson({ content, ...rest }, (data) => ({ ...hostile(data), warnings: hostile(["x"]) }));
  for (const width of [320, 1000]) {
    const view = await open({ width, result: bad });
    await view.inert();
    await fits(view);
    await isolatesBidi(view);
    await isAccessible(view);
    await view.click("button", "Open in Autotask").catch(() => {});
    assert.deepEqual(await view.seen("ui/open-link"), []);
    await view.close();
  }
});

test("only links to https are passed to the host", async () => {
  for (const link of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://example.com"]) {
    const view = await open({ result: editedJson(await scene.call("get-ticket", ALL), (data) => ({ ...data, link })) });
    await view.click("button", "Open in Autotask").catch(() => {});
    assert.deepEqual(await view.seen("ui/open-link"), []);
    await view.close();
  }
});
