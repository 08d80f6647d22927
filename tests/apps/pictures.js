// Draws the pictures of the views in docs/images: npm run pictures
import { writeFileSync } from "node:fs";
import { startBrowser } from "./support/browser.js";
import { startStage } from "./support/stage.js";
import { openView } from "./support/view.js";

const FOLDER = new URL("../../docs/images/", import.meta.url);
const ALL = { filter: [{ op: "gte", field: "id", value: 0 }] };
const CHANGE = { ids: [8101, 8107, 8120], assignedResourceID: "Jonah Whitlock", priority: "High" };
const PICTURES = {
  triage: { tool: "search-tickets", args: { openOnly: true, maxRecords: 100 }, height: 579, prepare: groupAndSelect },
  ticket: { tool: "get-ticket", args: { id: 8107, include: ["notes", "timeEntries", "attachments", "checklist"] }, height: 700, prepare: (view) => view.picture() },
  write: { tool: "update-ticket", args: CHANGE },
  chart: { tool: "count-entity", args: { entity: "Tickets", query: ALL, groupBy: ["createDate:month", "priority"] } },
};

const browser = await startBrowser();
const stage = await startStage();
for (const [view, options] of Object.entries(PICTURES)) await draw(view, options);
stage.stop();
await browser.close();

async function draw(view, { prepare, height, ...options }) {
  const opened = await openView(browser, stage, { view, ...options, height: height ?? 700 });
  await prepare?.(opened);
  await opened.page.mouse.move(0, 0);
  const used = height ?? (await opened.frame.evaluate(() => Math.ceil(document.querySelector("main").getBoundingClientRect().height)));
  const clip = { x: 0, y: 0, width: 1000, height: used };
  writeFileSync(new URL(`apps-${view}.png`, FOLDER), await opened.page.screenshot({ clip }));
  await opened.close();
}

async function groupAndSelect(view) {
  await view.choose("Group by", "Technician");
  for (const number of ["T20260405.0001", "T20260603.0001"]) {
    await view.click("checkbox", `Select ${number}`);
  }
  await view.frame.evaluate(() => document.querySelectorAll("*").forEach((each) => (each.scrollTop = 0)));
}
