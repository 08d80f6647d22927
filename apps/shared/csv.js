// Tables as CSV that a spreadsheet opens without running anything.

const FORMULA = /^\s*[=+\-@\t\r]/;

/// CSV (RFC 4180, with a byte order mark) of `rows`; each column is [label, value(row)].
export function toCsv(columns, rows) {
  const lines = [columns.map(([label]) => label), ...rows.map((row) => columns.map(([, value]) => value(row)))];
  return `\uFEFF${lines.map((line) => `${line.map(csvCell).join(",")}\r\n`).join("")}`;
}

/// A quoted cell; text that a spreadsheet would run as a formula gets an apostrophe in front.
export function csvCell(value) {
  const text = `${value ?? ""}`;
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
