// ui://autotask/chart: grouped counts as a picture with its table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, isAccessible } from "./support/audit.js";
import { comparePicture } from "./support/picture.js";
import { setup } from "./support/setup.js";
import { editedJson, hostile } from "./support/tenant.js";

const ALL = { filter: [{ op: "gte", field: "id", value: 0 }] };
const BY_STATUS = { entity: "Tickets", query: ALL, groupBy: ["status"] };
const BY_MONTH = { entity: "Tickets", query: ALL, groupBy: ["createDate:month", "priority"] };
const HOURS = { entity: "TimeEntries", query: ALL, groupBy: ["resourceID"], sum: ["hoursWorked"], avg: ["hoursWorked"] };
const scene = setup();
const open = (options = {}) => scene.open({ view: "chart", tool: "count-entity", args: BY_STATUS, height: 600, ...options });
const groups = async (args) => JSON.parse((await scene.call("count-entity", args)).content[0].text).groups;

/** Numbers at the ends of the bars, and how long these are. */
const bars = ({ frame }) => frame.evaluate(() => [...document.querySelectorAll("figure rect")].map((bar) => [bar.textContent, Number(bar.getAttribute("width"))]));

test("draws a bar for each group as long as its count, with the same numbers in the table", async () => {
  const view = await open();
  const wanted = await groups(BY_STATUS);
  const drawn = await bars(view);
  assert.equal(drawn.length, wanted.length);
  for (const [at, { status_label, count }] of wanted.entries()) {
    assert.match(drawn[at][0], new RegExp(`${status_label}: ${count}$`));
    assert.ok(Math.abs(drawn[at][1] / drawn[0][1] - count / wanted[0].count) < 0.01);
  }
  assert.deepEqual(await view.rows(), wanted.map(({ status_label, count }) => [status_label, String(count)]));
  await comparePicture(view, "chart-bars");
  await view.close();
});

test("draws a line for each priority over the months", async () => {
  const view = await open({ args: BY_MONTH });
  const wanted = await groups(BY_MONTH);
  const months = new Set(wanted.map((group) => group["createDate:month"]));
  const lines = await view.frame.$$eval("figure path", (all) => all.map((each) => [each.getAttribute("stroke-dasharray"), each.getAttribute("d").match(/[ML]/g).length]));
  assert.equal(lines.length, 4);
  assert.equal(new Set(lines.map(([dashes]) => dashes)).size, 4);
  assert.deepEqual([...new Set(lines.map(([, points]) => points))], [months.size]);
  await view.has("Jan 2026");
  await view.change({ locale: "de-DE", timeZone: "Europe/Berlin" });
  await view.has(/Jan\.? 2026|Januar 2026/);
  await view.has(/Mai 2026/);
  await view.close();
});

test("shows another number on request", async () => {
  const view = await open({ args: HOURS });
  const before = await bars(view);
  await view.choose("Shows", /average/);
  assert.notDeepEqual(await bars(view), before);
  await isAccessible(view);
  await view.close();
});

test("a picture is described, and the table follows without a mouse", async () => {
  const view = await open();
  const [name] = await view.names("img");
  assert.match(name, /Tickets by status.*8 bars/);
  await view.page.focus("iframe");
  await view.tabTo("button", /Table of/);
  await view.press("Enter");
  assert.equal((await view.rows()).length, 0);
  await view.press("Enter");
  assert.equal((await view.rows()).length, 8);
  await view.close();
});

test("a count without groups, nothing found, an error and a stopped call each say so", async () => {
  for (const [args, words] of [
    [{ entity: "Tickets", query: ALL }, "300"],
    [{ entity: "Tickets", query: [{ op: "eq", field: "id", value: 1 }], groupBy: ["status"] }, "No records match"],
    [{ entity: "Tickets", query: ALL, groupBy: ["nonsense"] }, /nonsense/],
  ]) {
    const view = await open({ args });
    await view.has(words);
    await isAccessible(view);
    await view.close();
  }
  const stopped = await open({ waiting: true });
  await stopped.send("ui/notifications/tool-cancelled", { reason: "the user stopped it" });
  await stopped.has("Stopped");
  await stopped.close();
});

for (const width of [320, 1000, 1400]) {
  test(`fits into ${width} px, in the light and in the dark`, async () => {
    for (const args of [BY_STATUS, BY_MONTH]) {
      const view = await open({ args, width });
      await fits(view);
      await isAccessible(view);
      await view.change({ theme: "dark" });
      await isAccessible(view);
      if (width === 1000 && args === BY_MONTH) await comparePicture(view, "chart-lines-dark");
      await view.close();
    }
  });
}

test("is drawn again when the frame becomes narrower", async () => {
  const view = await open({ width: 1000 });
  await view.change({ containerDimensions: { width: 320, maxHeight: 2000 } });
  await view.frame.waitForFunction(() => document.querySelector("figure svg").clientWidth < 320);
  await fits(view);
  await view.close();
});

test("hundreds of groups stay readable", async () => {
  const result = await scene.call("count-entity", BY_STATUS);
  const many = (data) => ({ ...data, groups: Array.from({ length: 300 }, (_, at) => ({ status: at, status_label: `Group ${at}`, count: 300 - at })) });
  const view = await open({ result: editedJson(result, many), width: 320 });
  await view.has("Table of 300 groups");
  await fits(view);
  await view.close();
});

test("hostile text in every field neither runs nor breaks the layout", async () => {
  for (const args of [BY_STATUS, BY_MONTH]) {
    const bad = editedJson(await scene.call("count-entity", args), (data) => ({ ...data, ...hostile({ groups: data.groups, warnings: ["x"] }) }));
    for (const width of [320, 1000]) {
      const view = await open({ args, width, result: bad });
      await view.inert();
      await fits(view);
      await isAccessible(view);
      await view.close();
    }
  }
});
