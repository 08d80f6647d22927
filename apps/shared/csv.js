// Tables as CSV that a spreadsheet opens without running anything.

const FORMULA = /^\s*[=+\-@\t\r]/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/// CSV (RFC 4180, with a byte order mark) of `rows`; each column has a `label` and a `value(row)`.
export function toCsv(columns, rows) {
  const lines = [columns.map((column) => csvCell(column.label)), ...rows.map((row) => columns.map((column) => csvCell(column.value(row))))];
  return `\uFEFF${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/// A quoted cell; text that a spreadsheet would run as a formula gets an apostrophe in front.
export function csvCell(value) {
  if (value === undefined || value === null) return "";
  const text = String(value);
  const safe = FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
