// Pictures of views that are kept, and compared loosely: letters may be drawn a little differently elsewhere.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

const KEPT = new URL("../snapshots/", import.meta.url);
const FAILED = new URL("../../../target/apps/", import.meta.url);
/** Pixels are compared in blocks of this many, which forgives how a letter is smoothed. */
const BLOCK = 4;
const MAX_DIFFERENT_SHARE = 0.02;

/** Compares what the view shows with the picture kept as `name`; `UPDATE_PICTURES=1` keeps it. */
export async function comparePicture(view, name) {
  const taken = await picture(view);
  const kept = new URL(`${name}.png`, KEPT);
  if (process.env.UPDATE_PICTURES) return writeFileSync(kept, taken);
  assert.ok(existsSync(kept), `${name}.png is not there: UPDATE_PICTURES=1 npm test keeps it`);
  const share = difference(taken, readFileSync(kept));
  if (share <= MAX_DIFFERENT_SHARE) return;
  mkdirSync(FAILED, { recursive: true });
  writeFileSync(new URL(`${name}.png`, FAILED), taken);
  const percent = (share * 100).toFixed(1);
  assert.fail(`${percent} % of ${name}.png looks different: see target/apps/${name}.png; UPDATE_PICTURES=1 npm test keeps it`);
}

/** Without the text cursor, the mouse and movement. */
async function picture(view) {
  await view.page.mouse.move(0, 0);
  await view.page.addStyleTag({ content: "* { caret-color: transparent }" });
  return view.page.screenshot({ type: "png", optimizeForSpeed: false, captureBeyondViewport: false });
}

function difference(taken, kept) {
  const [a, b] = [smaller(PNG.sync.read(Buffer.from(taken))), smaller(PNG.sync.read(kept))];
  if (a.width !== b.width || a.height !== b.height) return 1;
  const different = pixelmatch(a.data, b.data, undefined, a.width, a.height, { threshold: 0.15 });
  return different / (a.width * a.height);
}

/** Each pixel is the mean of a block. */
function smaller({ width, height, data }) {
  const [w, h] = [Math.floor(width / BLOCK), Math.floor(height / BLOCK)];
  const means = new Uint8ClampedArray(w * h * 4);
  for (let index = 0; index < means.length; index += 1) means[index] = mean(data, width, index, w);
  return { width: w, height: h, data: means };
}

function mean(data, width, index, w) {
  const channel = index % 4;
  const block = (index - channel) / 4;
  const [left, top] = [(block % w) * BLOCK, Math.floor(block / w) * BLOCK];
  let sum = 0;
  for (let y = 0; y < BLOCK; y += 1) {
    for (let x = 0; x < BLOCK; x += 1) sum += data[((top + y) * width + left + x) * 4 + channel];
  }
  return sum / (BLOCK * BLOCK);
}
