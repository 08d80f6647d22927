// A report to print: figures, charts and tables of the data that the file carries.
import { chartFigure } from "../shared/chart.js";
import { dataTable } from "../shared/datatable.js";
import { el, fill } from "../shared/dom.js";
import { createFormats } from "../shared/formats.js";
import { bucketLabel } from "../shared/series.js";

const CHART_WIDTH = 680;
const report = JSON.parse(document.getElementById("data").textContent);
const formats = createFormats({ locale: navigator.language, timeZone: report.timeZone });
const parts = { figures: figuresOf, bars: chartPart, lines: chartPart, table: tablePart };

document.title = report.title;
fill(
  document.getElementById("view"),
  el("header", el("h1", report.title), el("p", report.subtitle.replace(/\d{4}-\d\d-\d\d/g, formats.date)), el("p.muted.small", `Created ${formats.dateTime(report.created)} (${report.timeZone})`)),
  report.sections.map((section) => el("section", el("h2", section.title), section.note && el("p.note", section.note), section.rows.length ? parts[section.kind](section) : el("p.muted", "None."))),
);

function figuresOf({ rows }) {
  const shown = ({ value, type }) => (value === null ? "–" : type === "hours" ? formats.hours(value) : formats.number(value));
  return el("dl.figures", rows.map((row) => el("div", el("dt", row.label), el("dd", shown(row)))));
}

function chartPart({ title, kind, columns, rows, x, y }) {
  const named = (key) => columns.find((column) => column.key === key)?.label ?? key;
  const labels = rows.map((row) => bucketLabel(`${row[x] ?? "None"}`, formats));
  const series = y.map((key) => ({ name: named(key), values: rows.map((row) => row[key] ?? 0) }));
  return [chartFigure({ kind, labels, series }, CHART_WIDTH, title, formats), dataTable(columns, rows, formats, title)];
}

function tablePart({ title, columns, rows }) {
  return dataTable(columns, rows, formats, title);
}
