// Charts as inline SVG. Lines differ by dashes and marks as well, and bars by their fill, so that they can be printed without color.
import { el } from "./dom.js";
import { axisTicks } from "./series.js";

const COLORS = ["light-dark(#1f5fbf,#7db4ff)", "light-dark(#b4531a,#f0a070)", "light-dark(#2c7a4b,#7fd19b)", "light-dark(#7a3fa0,#c79bea)", "light-dark(#806400,#e0c04a)", "light-dark(#5b6470,#aab2bd)"];
const DASHES = ["none", "7 4", "2 3", "10 3 2 3", "4 2", "1 4"];
const BAR_FILLS = [1, 0.45, 0.15];
const LINE_HEIGHT = 250;
const LETTER_WIDTH = 7.2;

/// A chart of `width` pixels: {kind, labels, series: [{name, values}]}. `title` names it for screen readers.
export function chartFigure({ kind, labels, series, note }, width, title, formats) {
  const draw = kind === "lines" ? drawLines : drawBars;
  const summary = `${title}. ${kind === "lines" ? "Line chart" : "Bar chart"} with ${labels.length} ${kind === "lines" ? "points" : "bars"}; the values are in the table.`;
  return el("figure", draw(labels, series, width, summary, formats), series.length > 1 && legend(kind, series), note && el("figcaption.muted.small", note));
}

function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.flat(Infinity));
  return node;
}

function picture(width, height, summary, children) {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": summary, style: "max-width:100%;height:auto;display:block;font-size:12px", fill: "currentColor" }, children);
}

function label(x, y, anchor, text, opacity = 0.75) {
  return svg("text", { x, y, "text-anchor": anchor, "fill-opacity": opacity }, text);
}

function drawLines(labels, series, width, summary, formats) {
  const ticks = axisTicks(series.flatMap(({ values }) => values.filter((value) => value !== null)));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const left = Math.max(...ticks.map((tick) => formats.number(tick).length)) * LETTER_WIDTH + 12;
  const widest = Math.max(...labels.map((text) => text.length)) * LETTER_WIDTH + 14;
  const [top, bottom, right] = [10, LINE_HEIGHT - 26, width - Math.max(14, widest / 2)];
  const x = (at) => left + 10 + (labels.length > 1 ? (at / (labels.length - 1)) * (right - left - 10) : (right - left) / 2);
  const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
  const grid = ticks.map((tick) => [
    svg("line", { x1: left, x2: right + 10, y1: y(tick), y2: y(tick), stroke: "currentColor", "stroke-opacity": tick === 0 ? 0.5 : 0.14 }),
    label(left - 6, y(tick) + 4, "end", formats.number(tick)),
  ]);
  const every = Math.ceil((labels.length * widest) / (right - left));
  const names = labels.map((text, at) => (at % every === 0 ? label(x(at), LINE_HEIGHT - 8, "middle", text) : []));
  return picture(width, LINE_HEIGHT, summary, [grid, names, series.map(({ name, values }, at) => drawLine(name, values, at, x, y, labels, formats))]);
}

function drawLine(name, values, at, x, y, labels, formats) {
  const color = COLORS[at % COLORS.length];
  let pen = "M";
  const path = values.map((value, point) => {
    if (value === null) return (pen = "M") && "";
    const step = `${pen}${x(point).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
    return step;
  });
  const marks = values.map((value, point) => (value === null ? [] : svg("circle", { cx: x(point), cy: y(value), r: values.length > 60 ? 1.5 : 3, fill: color }, svg("title", {}, `${name}, ${labels[point]}: ${formats.number(value)}`))));
  return [svg("path", { d: path.join(""), fill: "none", stroke: color, "stroke-width": 2, "stroke-dasharray": DASHES[at % DASHES.length] }), marks];
}

function drawBars(labels, series, width, summary, formats) {
  const values = series.flatMap((each) => each.values);
  const high = Math.max(...values, 0) || 1;
  const shown = values.map((value) => formats.number(value));
  const left = Math.min(width * 0.42, Math.max(...labels.map((text) => text.length)) * LETTER_WIDTH + 10);
  const room = width - left - Math.max(...shown.map((text) => text.length)) * LETTER_WIDTH - 14;
  const thick = series.length > 1 ? 13 : 18;
  const step = series.length * thick + 8;
  const letters = Math.floor((left - 10) / LETTER_WIDTH);
  const rows = labels.map((text, row) => {
    const short = text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
    const name = label(left - 8, row * step + (series.length * thick) / 2 + 5.5, "end", short, 1);
    if (short !== text) name.append(svg("title", {}, text));
    return [name, series.map((each, at) => drawBar(each, row, at, { left, top: row * step + at * thick + 3, room, thick, high, text }, formats))];
  });
  return picture(width, labels.length * step + 4, summary, rows);
}

function drawBar({ name, values }, row, at, { left, top, room, thick, high, text }, formats) {
  const value = values[row] ?? 0;
  const size = Math.max(1, (Math.max(0, value) / high) * room);
  const bar = svg("rect", { x: left, y: top, width: size, height: thick - 3, rx: 2, fill: COLORS[at % COLORS.length], "fill-opacity": BAR_FILLS[at % BAR_FILLS.length], stroke: COLORS[at % COLORS.length] }, svg("title", {}, `${name}, ${text}: ${formats.number(value)}`));
  return [bar, label(left + size + 6, top + thick / 2 + 2.5, "start", formats.number(value), 1)];
}

function legend(kind, series) {
  const sample = (at) => {
    const color = COLORS[at % COLORS.length];
    const line = { x1: 0, x2: 26, y1: 6, y2: 6, stroke: color, "stroke-width": 2, "stroke-dasharray": DASHES[at % DASHES.length] };
    const bar = { x: 1, y: 1, width: 24, height: 10, fill: color, "fill-opacity": BAR_FILLS[at % BAR_FILLS.length], stroke: color };
    return svg("svg", { width: 26, height: 12, "aria-hidden": "true" }, kind === "lines" ? [svg("line", line), svg("circle", { cx: 13, cy: 6, r: 3, fill: color })] : svg("rect", bar));
  };
  return el("ul.plain.actions", { "aria-label": "Legend" }, series.map(({ name }, at) => el("li.head.small", sample(at), name)));
}
