// Grouped counts as what a chart shows: labels on one axis, and series of values.
import { fieldName } from "./fields.js";
import { DAY } from "./formats.js";

const BUCKET = /:(day|week|month|quarter|year)$/;
const MEASURE = /^(count$|(sum|avg)_)/;
const MAX_SERIES = 6;
const MAX_BARS = 25;
const MAX_POINTS = 400;

/// What `groups` are grouped by, and what was measured, as columns of a table.
export function groupColumns(groups) {
  const names = [...new Set(groups.flatMap(Object.keys))].filter((name) => !name.endsWith("_label"));
  const keys = names.filter((name) => !MEASURE.test(name)).map((key) => ({ key, label: keyName(key), type: "text" }));
  const measures = names.filter((name) => MEASURE.test(name)).map((key) => ({ key, label: measureName(key), type: /hours|\.\./i.test(key) && !/_n_/.test(key) ? "hours" : "number" }));
  return { keys, measures };
}

function keyName(key) {
  const [path, bucket] = key.split(":");
  const name = fieldName(path.split(".").at(-1));
  return bucket ? `${bucket[0].toUpperCase()}${bucket.slice(1)} (${name.toLowerCase()})` : name;
}

function measureName(key) {
  if (key === "count") return "Count";
  const [, kind, counted, field] = /^(sum|avg)_(n_)?(.*)$/.exec(key);
  const name = field.split("..").map(fieldName).join(" to ");
  return `${name}, ${counted ? "records" : kind === "sum" ? "total" : "average"}`;
}

/// A group's value of a key in words.
export function groupLabel(group, key) {
  return `${group[`${key}_label`] ?? group[key] ?? "None"}`;
}

/// The chart of one measure: {kind: "lines" | "bars", labels, series: [{name, values}], note}.
export function chartOf({ groups, truncated }, measure, formats) {
  const { keys } = groupColumns(groups);
  const time = keys.find(({ key }) => BUCKET.test(key));
  return time ? lineChart(groups, time.key, keys, measure, truncated, formats) : barChart(groups, keys, measure);
}

function barChart(groups, keys, measure) {
  const shown = groups.slice(0, MAX_BARS);
  const labels = shown.map((group) => keys.map(({ key }) => groupLabel(group, key)).join(" · "));
  const note = groups.length > MAX_BARS ? `The first ${MAX_BARS} of ${groups.length} groups. The table has all.` : "";
  return { kind: "bars", labels, series: [{ name: measure.label, values: shown.map((group) => group[measure.key] ?? 0) }], note };
}

function lineChart(groups, time, keys, measure, truncated, formats) {
  const others = keys.filter(({ key }) => key !== time);
  const points = bucketsBetween(groups.map((group) => group[time]).filter(Boolean));
  const lines = new Map();
  for (const group of groups) {
    const name = others.map(({ key }) => groupLabel(group, key)).join(" · ") || measure.label;
    if (!lines.has(name)) lines.set(name, new Map());
    lines.get(name).set(group[time], group[measure.key]);
  }
  // A sum without a group is 0, unless the server left groups out; an average of nothing is no value.
  const missing = truncated || measure.key.startsWith("avg_") ? null : 0;
  const series = [...lines].map(([name, found]) => ({ name, values: points.map((point) => found.get(point) ?? missing) }));
  const total = ({ values }) => values.reduce((sum, value) => sum + (value ?? 0), 0);
  series.sort((a, b) => total(b) - total(a));
  const note = series.length > MAX_SERIES ? `The ${MAX_SERIES} largest of ${series.length} lines. The table has all.` : "";
  return { kind: "lines", labels: points.map((point) => bucketLabel(point, formats)), series: series.slice(0, MAX_SERIES), note };
}

/// All days, weeks, months, quarters or years from the first to the last of `buckets`, in order.
export function bucketsBetween(buckets) {
  const sorted = [...new Set(buckets)].sort();
  if (!sorted.every(isBucket)) return sorted;
  const all = [];
  for (let bucket = sorted[0]; bucket && bucket <= sorted.at(-1) && all.length < MAX_POINTS; bucket = bucketAfter(bucket)) all.push(bucket);
  return all.at(-1) === sorted.at(-1) ? all : sorted;
}

function isBucket(text) {
  return /^\d{4}(-Q[1-4]|-W\d\d)?$/.test(text) || (/^\d{4}-\d\d(-\d\d)?$/.test(text) && !Number.isNaN(Date.parse(text)));
}

function bucketAfter(bucket) {
  const [year, rest] = [Number(bucket.slice(0, 4)), bucket.slice(5)];
  const iso = (time, length) => new Date(time).toISOString().slice(0, length);
  if (rest === "") return `${year + 1}`;
  if (rest[0] === "Q") return rest === "Q4" ? `${year + 1}-Q1` : `${year}-Q${Number(rest[1]) + 1}`;
  if (rest[0] === "W") return isoWeek(mondayOf(year, Number(rest.slice(1))) + 7 * DAY);
  if (rest.length === 2) return iso(Date.UTC(year, Number(rest), 1), 7);
  return iso(Date.parse(bucket) + DAY, 10);
}

function mondayOf(year, week) {
  const fourth = Date.UTC(year, 0, 4);
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY + (week - 1) * 7 * DAY;
}

function isoWeek(monday) {
  const year = new Date(monday + 3 * DAY).getUTCFullYear();
  const week = Math.round((monday - mondayOf(year, 1)) / (7 * DAY)) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/// A bucket in the locale: "Jun 2026", "Jun 5"; weeks and quarters stay as they are.
export function bucketLabel(bucket, { locale }) {
  if (bucket.length < 7 || /[WQ]/.test(bucket) || !isBucket(bucket)) return bucket;
  const options = bucket.length === 7 ? { month: "short", year: "numeric" } : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(new Date(bucket));
}

/// Round values for an axis from at most 0 to at least the largest value.
export function axisTicks(values) {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const rough = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const ticks = [];
  for (let at = Math.floor(low / step); ticks.length < 2 || ticks.at(-1) < high; at += 1) ticks.push(Number((at * step).toPrecision(12)));
  return ticks;
}
