// The preview of a write as rows of fields with the value before and after.
import { fieldName } from "./fields.js";

const LONG_TEXT = 40;
const MAX_DIFF_WORDS = 600;

/// The records of a preview: [{title, rows: [{name, before, after}]}]. A value is undefined on the side where there is none.
export function previewRecords(preview) {
  const labels = preview.labels ?? {};
  if (preview.records) return preview.records.map((record) => ({ title: record.record ?? `${record.id}`, rows: changedRows(record.changes, labels) }));
  if (preview.changes) return [{ rows: changedRows(preview.changes, labels) }];
  if (preview.current) return [{ rows: fieldRows(preview.current).map(([name, before]) => ({ name, before })) }];
  return [{ rows: fieldRows(preview.body ?? {}, labels).map(([name, after]) => ({ name, after })) }];
}

function changedRows(changes = {}, labels = {}) {
  return Object.entries(changes).flatMap(([name, change]) => {
    if (name === "userDefinedFields") return changedRows(change).map((row, at) => ({ ...row, name: Object.keys(change)[at] }));
    const before = change.from_label ?? change.from ?? null;
    return [{ name: fieldName(name), before, after: change.to_label ?? labels[name] ?? change.to ?? null }];
  });
}

function fieldRows(record, labels = {}) {
  return Object.entries(record).flatMap(([name, value]) => {
    if (name.endsWith("_label") && name.slice(0, -6) in record) return [];
    if (name === "userDefinedFields") return userDefinedRows(value);
    return [[fieldName(name), labels[name] ?? record[`${name}_label`] ?? value]];
  });
}

function userDefinedRows(value) {
  if (Array.isArray(value)) return value.map((each) => [each.name, each.value]);
  return Object.entries(value ?? {}).filter(([name]) => !name.endsWith("_label"));
}

/// What confirming does, as a title: "Update Ticket 8107 (…)".
export function previewTitle({ message = "" }) {
  const text = message.replace(/^.*Confirming will /s, "").replace(/:$/, "");
  return text ? text[0].toUpperCase() + text.slice(1) : "Change in Autotask";
}

/// Whether two values are better read as one text with marked words than side by side.
export function isTextChange(before, after) {
  const long = (text) => typeof text === "string" && (text.length > LONG_TEXT || text.includes("\n"));
  return typeof before === "string" && typeof after === "string" && (long(before) || long(after));
}

/// The words of two texts as [{kind: "same" | "removed" | "added", text}], by longest common subsequence.
export function diffWords(before, after) {
  const [old, fresh] = [before, after].map((text) => text.match(/\s+|[^\s]+/g) ?? []);
  if (old.length > MAX_DIFF_WORDS || fresh.length > MAX_DIFF_WORDS) return joined([["removed", before], ["added", after]]);
  const width = fresh.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const below = common[(i + 1) * width + j];
      const right = common[i * width + j + 1];
      common[i * width + j] = old[i] === fresh[j] ? common[(i + 1) * width + j + 1] + 1 : Math.max(below, right);
    }
  }
  const parts = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      parts.push(["same", old[i]]);
      [i, j] = [i + 1, j + 1];
    } else if (j >= fresh.length || (i < old.length && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      parts.push(["removed", old[i++]]);
    } else parts.push(["added", fresh[j++]]);
  }
  return joined(parts);
}

function joined(parts) {
  const runs = [];
  for (const [kind, text] of parts) {
    if (runs.at(-1)?.kind === kind) runs.at(-1).text += text;
    else runs.push({ kind, text });
  }
  return runs.filter((run) => run.text !== "");
}
