// How long a list of tickets takes from the arrival of its data until it can be used, and how it scrolls.
import { cpus, loadavg } from "node:os";
import { startBrowser } from "./support/browser.js";
import { startStage } from "./support/stage.js";
import { many } from "./support/tenant.js";
import { openView } from "./support/view.js";

const RUNS = 7;
const SCROLL_FRAMES = 120;
const LONG_FRAME_MS = 50;

const browser = await startBrowser();
const stage = await startStage();
const page = await stage.call("search-tickets", { openOnly: true });
console.log(`${cpus().length} processors under a load of ${loadavg()[0].toFixed(1)}, drawing without a graphics card; medians of ${RUNS}`);
for (const rows of [50, 500]) await measure(rows);
stage.stop();
await browser.close();

async function measure(rows) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await once(many(page, rows)));
  const median = (key) => runs.map((each) => each[key]).sort((a, b) => a - b)[Math.floor(RUNS / 2)];
  const times = ["script", "usable", "sort", "filter", "group"].map((key) => `${key} ${Math.round(median(key))} ms`);
  const frames = `${SCROLL_FRAMES} frames of scrolling: ${median("long")} over ${LONG_FRAME_MS} ms, longest ${Math.round(median("longest"))} ms`;
  console.log(`${rows} rows: ${times.join(", ")}; ${frames}`);
}

async function once(result) {
  const view = await openView(browser, stage, { view: "triage", tool: "search-tickets", waiting: true });
  await view.frame.evaluate(watchArrival);
  await view.show({}, result);
  const arrived = await view.frame.evaluate(() => window.arrived);
  const used = await view.frame.evaluate(useTable, SCROLL_FRAMES, LONG_FRAME_MS);
  await view.close();
  return { ...arrived, ...used };
}

/** From the message until its handlers have run, and until the next frame is painted. */
function watchArrival() {
  window.arrived = new Promise((resolve) => {
    const measure = ({ data }) => {
      if (data.method !== "ui/notifications/tool-result") return;
      const start = performance.now();
      requestAnimationFrame(() => {
        const script = performance.now() - start;
        setTimeout(() => resolve({ script, usable: performance.now() - start }));
      });
    };
    window.addEventListener("message", measure, { capture: true });
  });
}

/** Each from the event until the frame that shows its effect. */
async function useTable(frames, longMs) {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const timed = async (act) => {
    const start = performance.now();
    act();
    await frame();
    await new Promise((done) => setTimeout(done));
    return performance.now() - start;
  };
  const choose = (id, at) => () => {
    const select = document.getElementById(id);
    select.selectedIndex = at;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const sort = await timed(() => document.querySelector("thead button").click());
  const filter = await timed(choose("facet-status", 1));
  await timed(choose("facet-status", 0));
  const group = await timed(choose("group", 4));
  const scroller = [...document.querySelectorAll("*")].find((each) => each.scrollHeight > each.clientHeight + 100 && getComputedStyle(each).overflowY !== "visible");
  const gaps = [];
  let last = await frame();
  for (let count = 0; count < frames; count += 1) {
    scroller.scrollTop += (scroller.scrollHeight - scroller.clientHeight) / frames;
    const now = await frame();
    gaps.push(now - last);
    last = now;
  }
  return { sort, filter, group, long: gaps.filter((gap) => gap > longMs).length, longest: Math.max(...gaps) };
}
