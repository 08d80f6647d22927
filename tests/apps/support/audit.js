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

/** The page does not scroll sideways, and no button or field is cut off. */
export async function fits({ frame }) {
  const outside = await frame.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide in a frame of ${clientWidth}`] : [];
    const controls = [...document.querySelectorAll("button, select, input, textarea")].filter((each) => each.checkVisibility());
    const scrolls = (each) => each && (["auto", "scroll"].includes(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
    const cut = controls.filter((each) => !scrolls(each) && each.getBoundingClientRect().right > clientWidth + 1);
    return [...wide, ...cut.map((each) => `${each.outerHTML.slice(0, 120)} is cut off`)];
  });
  assert.deepEqual(outside, []);
}

/** Text with a right-to-left override stays alone in its element, or is isolated there. */
export async function isolatesBidi({ frame }) {
  const leaking = await frame.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (!data.includes("\u202e") || !parentElement.checkVisibility()) continue;
      const { unicodeBidi, display } = getComputedStyle(parentElement);
      const alone = parentElement.textContent === data && !display.startsWith("inline");
      const option = parentElement.localName === "option";
      if (!alone && !option && !/isolate|plaintext/.test(unicodeBidi)) found.push(parentElement.outerHTML.slice(0, 200));
    }
    return found;
  });
  assert.deepEqual(leaking, []);
}
