// What a view must hold in every state: accessible, nothing wider than the frame, tenant text without effect.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** No rule of axe-core with serious or critical impact is broken. */
export async function isAccessible({ frame }) {
  await frame.evaluate(AXE);
  const broken = await frame.evaluate(async () => {
    const { violations } = await window.axe.run(document, { iframes: false, resultTypes: ["violations"] });
    return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, at: nodes.slice(0, 3).map((n) => n.html) }));
  });
  const grave = broken.filter(({ impact }) => ["serious", "critical"].includes(impact));
  assert.deepEqual(grave, []);
  return broken;
}

/** The page does not scroll sideways, and no text, button or field runs out of the frame. */
export async function fits({ frame }) {
  const outside = await frame.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide in a frame of ${clientWidth}`] : [];
    const bounded = (each) => each !== document.body && (getComputedStyle(each).overflowX !== "visible" || bounded(each.parentElement));
    const right = (each) => {
      const range = document.createRange();
      range.selectNodeContents(each);
      return Math.max(each.getBoundingClientRect().right, range.getBoundingClientRect().right);
    };
    const shown = [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility() && !each.closest("svg, script, option"));
    const cut = shown.filter((each) => right(each) > clientWidth + 1 && !bounded(each));
    return [...wide, ...cut.slice(0, 5).map((each) => `${each.outerHTML.slice(0, 120)} runs out of the frame`)];
  });
  assert.deepEqual(outside, []);
}

/** Text with a right-to-left override turns nothing around that follows it. */
export async function isolatesBidi({ frame }) {
  const leaking = await frame.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (!data.includes("\u202e") || !parentElement.checkVisibility()) continue;
      const { unicodeBidi, display } = getComputedStyle(parentElement);
      const alone = parentElement.textContent.endsWith(data) && display !== "inline";
      const option = parentElement.localName === "option";
      if (!alone && !option && !/isolate|plaintext/.test(unicodeBidi)) found.push(parentElement.outerHTML.slice(0, 200));
    }
    return found;
  });
  assert.deepEqual(leaking, []);
}
