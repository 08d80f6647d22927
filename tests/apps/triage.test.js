// ui://autotask/triage: what a dispatcher does with the list of tickets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, isAccessible, isolatesBidi } from "./support/audit.js";
import { comparePicture } from "./support/picture.js";
import { confirmed, setup, ticket } from "./support/setup.js";
import { FORMULAS, editedJson, hostile, many } from "./support/tenant.js";

const ARGS = { openOnly: true };
const scene = setup();
const open = (options = {}) => scene.open({ view: "triage", tool: "search-tickets", args: ARGS, ...options });
const result = () => scene.call("search-tickets", ARGS);
const GERMAN = { locale: "de-DE", timeZone: "Europe/Berlin" };

/** The cells of a column by its place. */
const column = async (view, at) => (await view.rows()).map((cells) => cells[at]);
const TICKET = 1;
const STATUS = 2;
const TECHNICIAN = 3;

test("shows a page of open tickets, the one due first on top", async () => {
  const view = await open();
  assert.equal((await view.rows()).length, 50);
  await view.has(/50 tickets, more/);
  assert.match((await column(view, TICKET))[0], /T20260101\.0002 · Marrow Bakery/);
  await view.has("Late 177 d");
  await comparePicture(view, "triage-light");
  await view.close();
});

test("sorts by a column in both directions", async () => {
  const view = await open();
  await view.click("button", "Technician");
  const ascending = (await column(view, TECHNICIAN)).filter((name) => name !== "Unassigned");
  assert.deepEqual(ascending, [...ascending].sort((a, b) => a.localeCompare(b)));
  await view.click("button", "Technician");
  const descending = (await column(view, TECHNICIAN)).filter((name) => name !== "Unassigned");
  assert.deepEqual(descending, [...ascending].reverse().sort((a, b) => b.localeCompare(a)));
  const sorts = await view.frame.$$eval("[aria-sort]", (all) => all.map((each) => each.getAttribute("aria-sort")));
  assert.deepEqual(sorts.filter((each) => each !== "none"), ["descending"]);
  await view.close();
});

test("filters by status, text and lateness, and says if nothing is left", async () => {
  const view = await open();
  await view.choose("Status", /^New/);
  assert.deepEqual([...new Set((await column(view, STATUS)).map((text) => text.split("\n")[0]))], ["New"]);
  await view.choose("Status", "All");
  await view.fill("Search", "oven marrow");
  await view.has("1 of 50");
  assert.match((await column(view, TICKET))[0], /Oven tablet offline/);
  await view.fill("Search", "no such words");
  await view.has("No ticket matches");
  await view.fill("Search", "");
  await view.has(/^50 tickets/m);
  await view.click("checkbox", "Late only");
  const due = await column(view, 6);
  assert.ok(due.length > 0 && due.every((text) => text.startsWith("Late")), due.join());
  await view.close();
});

for (const [label, first] of [["Status", /Complete|Customer Note Added/], ["Queue", /Monitoring|No queue/], ["Technician", /Unassigned/], ["Company", /./]]) {
  test(`groups by ${label.toLowerCase()}`, async () => {
    const view = await open();
    await view.choose("Group by", label);
    const groups = (await view.rows()).filter((cells) => cells.length === 1);
    assert.ok(groups.length > 1, `${groups.length} groups`);
    assert.match(groups[0][0], first);
    assert.equal((await view.rows()).length - groups.length, 50);
    await view.close();
  });
}

test("loads the next page by its cursor, once", async () => {
  const view = await open();
  await view.click("button", "Load the next page");
  await view.has(/^52 tickets/m);
  const [call, ...others] = await view.calls("search-tickets");
  assert.equal(others.length, 0);
  assert.equal(call.openOnly, true);
  assert.ok(call.cursor);
  assert.equal(await view.count("button", /next page/), 0);
  await view.close();
});

test("opens the card of a row and comes back to it", async () => {
  const view = await open();
  await view.click("button", "Oven tablet offline");
  await view.has("It came back, then dropped again at noon.");
  await view.click("button", /Back/);
  await view.has(/50 tickets/);
  const focus = await view.frame.evaluate(() => document.activeElement.innerText);
  assert.match(focus, /Oven tablet offline/);
  await view.close();
});

test("reassigns several tickets after one preview, in one call", async () => {
  const view = await open();
  for (const number of ["T20260302.0001", "T20260305.0011"]) await view.click("checkbox", new RegExp(number));
  await view.has("2 selected");
  await view.click("button", "Reassign");
  await view.fill(/^Technician, name/, "Priya Nair", "combobox");
  await view.click("button", "Continue to preview");
  await view.has("works in 2 roles");
  await view.choose("Role", "Senior Engineer");
  await view.click("button", "Continue to preview");
  await view.has("Update 2 Tickets?");
  await view.has(/Oven tablet offline/);
  await view.has(/Jonah Whitlock/);
  await comparePicture(view, "triage-reassign");
  assert.equal(confirmed(scene, "update-ticket").length, 0);
  await view.click("button", "Confirm", { count: 2, delay: 20 });
  await view.has("2 of 2 records written");
  assert.equal(confirmed(scene, "update-ticket").length, 1);
  for (const id of [8101, 8107]) assert.equal((await ticket(scene, id)).item.assignedResourceID_label, "Priya Nair");
  await view.click("button", "Close");
  const row = (await view.rows()).find((cells) => cells[TICKET]?.includes("T20260305.0011"));
  assert.equal(row[TECHNICIAN], "Priya Nair");
  await view.close();
});

test("a cancelled change of priority writes nothing", async () => {
  const before = (await ticket(scene, 8002)).item.priority;
  const view = await open();
  await view.click("checkbox", /T20260101\.0002/);
  await view.click("button", "Change priority");
  await view.choose("Priority", "Low", 1);
  await view.click("button", "Continue to preview");
  await view.find("button", "Confirm");
  await view.click("button", "Cancel");
  assert.equal(await view.count("button", /Confirm/), 0);
  assert.equal(confirmed(scene, "update-ticket").length, 0);
  assert.equal((await ticket(scene, 8002)).item.priority, before);
  await view.close();
});

test("tells the model the numbers of what is selected, and no tenant text", async () => {
  const view = await open();
  await view.click("checkbox", /T20260305\.0011/);
  await view.page.waitForFunction(() => window.host.seen.some(({ method }) => method === "ui/update-model-context"));
  const [{ content }] = await view.seen("ui/update-model-context");
  assert.match(content[0].text, /T20260305\.0011/);
  assert.doesNotMatch(content[0].text, /Oven|Marrow/);
  await view.close();
});

test("downloads CSV that a spreadsheet does not run", async () => {
  const edit = (data) => ({ ...data, items: FORMULAS.map((title, at) => ({ ...data.items[at], title, companyID_label: title })) });
  const view = await open({ result: editedJson(await result(), edit) });
  await view.click("button", "Download CSV");
  const [{ contents }] = await view.seen("ui/download-file");
  const [{ resource }] = contents;
  assert.equal(resource.mimeType, "text/csv");
  for (const formula of FORMULAS.slice(0, -1)) {
    const safe = `"'${formula.replaceAll('"', '""')}"`;
    assert.ok(resource.text.includes(safe), `${JSON.stringify(formula)} is not in ${resource.text}`);
  }
  assert.ok(resource.text.includes('"a""b;c,d\ne"'));
  const cells = resource.text.split(/","|\r\n"/);
  assert.deepEqual(cells.filter((cell) => /^["\s]*[=+@-]/.test(cell)), []);
  await view.close();
});

test("offers the CSV as text if the host cannot download", async () => {
  const view = await open({ capabilities: { serverTools: {} } });
  await view.click("button", "Download CSV");
  await view.find("textbox", /CSV/);
  assert.equal((await view.seen("ui/download-file")).length, 0);
  await view.close();
});

test("an empty list, an error and a stopped call each say so", async () => {
  const empty = await open({ args: { titleContains: "no such words" } });
  await empty.has("No tickets match");
  await isAccessible(empty);
  await empty.close();
  const wrong = await open({ args: { status: "Nonsense" } });
  await wrong.has(/Nonsense/);
  await isAccessible(wrong);
  await wrong.close();
  const stopped = await open({ waiting: true });
  await stopped.send("ui/notifications/tool-cancelled", { reason: "the user stopped it" });
  await stopped.has("Stopped");
  await stopped.close();
});

test("a page that cannot be loaded leaves the list and says why", async () => {
  const view = await open();
  scene.stage.answer = () => ({ error: { code: -32000, message: "The connection was lost." } });
  await view.click("button", "Load the next page");
  await view.has("The connection was lost.");
  assert.equal((await view.rows()).length, 50);
  await view.close();
});

test("500 rows can be filtered, grouped, sorted and selected", async () => {
  const view = await open({ result: many(await result(), 500) });
  assert.equal((await view.rows()).length, 500);
  await view.choose("Group by", "Company");
  await view.click("button", "Priority");
  await view.click("checkbox", "Select all shown tickets");
  await view.has("500 selected");
  await view.has("At most 50");
  await view.fill("Search", "0499");
  await view.has("1 of 500");
  await fits(view);
  await view.close();
});

for (const width of [320, 1000, 1400]) {
  test(`fits into ${width} px, with a form and with a card`, async () => {
    const view = await open({ width });
    await fits(view);
    if (width === 320) await comparePicture(view, "triage-narrow");
    await view.click("checkbox", /T20260101\.0002/);
    await view.click("button", "Reassign");
    await fits(view);
    await view.click("button", "Cancel");
    await view.click("button", "Shared mailbox missing");
    await view.find("button", "Add note");
    await fits(view);
    await view.close();
  });
}

test("fills a frame of a fixed height: the list scrolls, not the page", async () => {
  const view = await open();
  for (const [width, height] of [[1000, 500], [360, 640]]) {
    await view.change({ displayMode: "fullscreen", containerDimensions: { width, height } });
    const sizes = await view.frame.evaluate(() => {
      const { scrollHeight, clientHeight } = document.documentElement;
      const list = document.querySelector(".board-scroll");
      return { hidden: scrollHeight - clientHeight, scrolls: list.scrollHeight > list.clientHeight, list: list.clientHeight };
    });
    assert.ok(sizes.scrolls && sizes.list >= 200, JSON.stringify(sizes));
    if (width === 1000) assert.ok(sizes.hidden <= 1, JSON.stringify(sizes));
    await fits(view);
  }
  await view.close();
});

test("follows the host into the dark and back", async () => {
  const view = await open();
  const background = () => view.frame.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  assert.equal(await background(), "light");
  await view.change({ theme: "dark" });
  assert.equal(await background(), "dark");
  await comparePicture(view, "triage-dark");
  await isAccessible(view);
  await view.change({ theme: "light" });
  await isAccessible(view);
  await view.close();
});

test("writes dates as the host's locale and time zone do, also after a change", async () => {
  const upcoming = editedJson(await result(), (data) => ({ ...data, items: [{ ...data.items[0], dueDateTime: "2026-07-03T23:30:00Z" }] }));
  const view = await open({ result: upcoming });
  await view.has(/^Due Jul 3$/m);
  await view.change(GERMAN);
  await view.has(/^Due 4\. Juli$/m);
  await view.close();
});

test("works without a mouse: sort, filter, select, reassign and confirm", async () => {
  const view = await open();
  await view.page.focus("iframe");
  await view.tabTo("combobox", "Status");
  await view.tabTo("button", "Priority");
  await view.press("Enter");
  await view.has("Critical");
  await view.tabTo("checkbox", /^Select T/);
  await view.press("Space");
  await view.has("1 selected");
  await view.back("button", "Change priority");
  await view.press("Enter");
  await view.find("button", "Continue to preview");
  await view.press("End");
  await view.tabTo("button", "Continue to preview");
  await view.press("Enter");
  await view.find("button", "Confirm");
  await view.tabTo("button", "Confirm");
  await view.press("Enter");
  await view.has(/^Done/m);
  assert.equal(confirmed(scene, "update-ticket").length, 1);
  await view.close();
});

test("has no serious finding of axe-core in any state", async () => {
  const view = await open();
  await isAccessible(view);
  await view.choose("Group by", "Technician");
  await view.click("checkbox", /T20260101\.0002/);
  await view.click("button", "Reassign");
  await isAccessible(view);
  await view.close();
});

test("hostile text in every field neither runs nor breaks the layout", async () => {
  for (const width of [320, 1000]) {
    const view = await open({ width, result: editedJson(await result(), (data) => ({ ...data, ...hostile({ items: data.items, warnings: ["x"] }) })) });
    await view.inert();
    await fits(view);
    await isolatesBidi(view);
    await view.choose("Group by", "Company");
    await view.click("checkbox", /^Select/);
    scene.stage.answer = async (method, params) => {
      const answer = await scene.stage.server.request(method, params);
      return answer.content ? editedJson(answer, (data) => hostile(data)) : undefined;
    };
    await view.click("button", "Reassign");
    await view.inert();
    await fits(view);
    await isAccessible(view);
    if (width === 1000) await comparePicture(view, "triage-hostile");
    scene.stage.answer = () => undefined;
    await view.close();
  }
});
