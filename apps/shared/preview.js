// The preview of a write as rows of fields with the value before and after.
import { fieldName } from "./fields.js";

const LONG_TEXT = 40;
const MAX_DIFF_WORDS = 600;

/// The records of a preview: [{title, rows: [{name, before, after}]}]. A value is undefined on the side where there is none.
export function previewRecords({ records, changes, current, body, labels = {} }) {
  if (records) return records.map(({ id, record = `${id}`, changes: own }) => ({ title: record, rows: changedRows(own, labels) }));
  if (changes) return [{ rows: changedRows(changes, labels) }];
  if (current) return [{ rows: fieldRows(current).map(([name, before]) => ({ name, before })) }];
  return [{ rows: fieldRows(body ?? {}, labels).map(([name, after]) => ({ name, after })) }];
}

function changedRows(changes = {}, labels = {}, nameOf = fieldName) {
  return Object.entries(changes).flatMap(([name, change]) => {
    if (name === "userDefinedFields") return changedRows(change, {}, String);
    const [before, after] = [change.from_label ?? change.from, change.to_label ?? labels[name] ?? change.to];
    return [{ name: nameOf(name), before: before ?? null, after: after ?? null }];
  });
}

function fieldRows(record, labels = {}) {
  return Object.entries(record).flatMap(([name, value]) => {
    if (name.endsWith("_label")) return [];
    if (name !== "userDefinedFields") return [[fieldName(name), labels[name] ?? record[`${name}_label`] ?? value]];
    return Array.isArray(value) ? value.map((each) => [each.name, each.value]) : Object.entries(value ?? {});
  });
}

/// What confirming does, as a title: "Update Ticket 8107 (…)".
export function previewTitle({ message = "" }) {
  const [verb, ...rest] = message.replace(/^.*?Confirming will /s, "").replace(/:$/, "").split(" (");
  const title = verb.replace(/[A-Z][a-z]+[A-Z]\w+/, (name) => fieldName(name).toLowerCase());
  return [title.charAt(0).toUpperCase() + title.slice(1), ...rest].join(" (") || "Change";
}

/// Whether two values are better read as one text with marked words than side by side.
export function isTextChange(...values) {
  return values.every((text) => typeof text === "string") && values.some((text) => text.length > LONG_TEXT || text.includes("\n"));
}

/// The words of two texts as [{kind: "same" | "del" | "ins", text}], by longest common subsequence.
export function diffWords(before, after) {
  const [old, fresh] = [before, after].map((text) => text.match(/\s+|\S+/g) ?? []);
  if (Math.max(old.length, fresh.length) > MAX_DIFF_WORDS) return [{ kind: "del", text: before }, { kind: "ins", text: after }];
  const width = fresh.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      common[at] = old[i] === fresh[j] ? common[at + width + 1] + 1 : Math.max(common[at + width], common[at + 1]);
    }
  }
  const runs = [];
  let [removed, added, i, j] = ["", "", 0, 0];
  const flush = () => {
    runs.push({ kind: "del", text: removed }, { kind: "ins", text: added });
    removed = added = "";
  };
  while (i < old.length || j < fresh.length) {
    const removes = j >= fresh.length || (i < old.length && common[(i + 1) * width + j] >= common[i * width + j + 1]);
    if (old[i] !== fresh[j] && removes) removed += old[i++];
    else if (old[i] !== fresh[j]) added += fresh[j++];
    else if (removed + added && /^ +$/.test(old[i])) {
      // A space between changed words belongs to both sides, so that they read as one change.
      removed += old[i++];
      added += fresh[j++];
    } else {
      flush();
      runs.push({ kind: "same", text: old[i++] });
      j += 1;
    }
  }
  flush();
  return runs.filter(({ text }) => text);
}
