// A plain table of columns: {key, label, type: "text" | "number" | "date" | "hours"}.
import { el } from "./dom.js";

/// The table of `rows`; `text(row, key)` gives the words of a text column.
export function dataTable(columns, rows, formats, caption, text = (row, key) => row[key]) {
  const numeric = ({ type }) => type === "number" || type === "hours";
  const style = (column) => (numeric(column) ? "number" : "words");
  return el(
    "table.data",
    caption && el("caption.unseen", caption),
    el("thead", el("tr", columns.map((column) => el(`th.${style(column)}`, { scope: "col" }, column.label)))),
    el("tbody", rows.map((row) => el("tr", columns.map((column) => dataCell(style(column), cellText(column, row, formats, text)))))),
  );
}

function dataCell(style, words) {
  // Numbers and ticket numbers stay on one line.
  return el(style === "number" || /^\S{1,16}$/.test(words) ? `td.${style}.whole` : `td.${style}`, words);
}

function cellText({ key, type }, row, formats, text) {
  if (type === "text" || row[key] === null || row[key] === undefined) return text(row, key) ?? "–";
  if (type === "date") return formats.dateTime(row[key]).replace(/ (?=\S+$)/, "\u00a0");
  return type === "hours" ? formats.hours(row[key]) : formats.number(row[key]);
}
