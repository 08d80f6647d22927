// The logic of the views, without a browser: node --test apps/tests
import assert from "node:assert/strict";
import { test } from "node:test";
import { timeCall } from "../shared/actions.js";
import { ageOf, applyChanges, csvColumns, facetOf, filterTickets, groupTickets, isLate, lateness, priorityRank, sortTickets } from "../shared/board.js";
import { wallClock, zonedInstant } from "../shared/clock.js";
import { csvCell, toCsv } from "../shared/csv.js";
import { fieldName, valueText, visibility } from "../shared/fields.js";
import { createFormats, duration, isDate } from "../shared/formats.js";
import { diffWords, isTextChange, previewRecords, previewTitle } from "../shared/preview.js";
import { axisTicks, bucketLabel, bucketsBetween, chartOf, groupColumns } from "../shared/series.js";
import { choicesOf, readResult, toolOfCode } from "../shared/result.js";

const NOW = Date.parse("2026-11-28T12:00:00Z");
const FORMATS = createFormats({ locale: "en-US", timeZone: "UTC" });
const ticket = (id, fields = {}) => ({ id, ticketNumber: `T${id}`, title: `Title ${id}`, status: 1, status_label: "New", ...fields });
const none = { text: "", chosen: {} };

test("dates follow locale and time zone", () => {
  const berlin = createFormats({ locale: "de-DE", timeZone: "Europe/Berlin" });
  assert.equal(berlin.date("2026-11-28T23:30:00Z"), "29.11.2026");
  assert.equal(berlin.date("2026-11-28"), "28.11.2026");
  assert.equal(berlin.number(1234.5), "1.234,5");
  assert.match(FORMATS.dateTime("2026-11-28T23:30:00Z"), /Nov 28, 2026, 11:30/);
  assert.equal(createFormats({ locale: "?", timeZone: "Nowhere/None" }).timeZone, "UTC");
  assert.equal(FORMATS.date("soon"), "soon");
});

test("durations are in their largest unit", () => {
  const lengths = [[30_000, "1 min"], [3_600_000, "1 h"], [-90_000_000, "1 d"]];
  for (const [length, text] of lengths) assert.equal(duration(length), text);
});

test("only dates are dates", () => {
  for (const value of ["2026-11-28", "2026-11-28T10:00:00Z"]) assert.ok(isDate(value));
  for (const value of ["2026-99-99", "T20260305.0011", 5, null]) assert.ok(!isDate(value));
});

test("a local time is the right instant, also when clocks change", () => {
  assert.equal(zonedInstant("2026-11-28", "09:30", "America/New_York"), "2026-11-28T14:30:00.000Z");
  assert.equal(zonedInstant("2026-03-29", "01:30", "Europe/Berlin"), "2026-03-29T00:30:00.000Z");
  assert.equal(zonedInstant("2026-03-29", "03:30", "Europe/Berlin"), "2026-03-29T01:30:00.000Z");
  assert.deepEqual(wallClock("2026-11-28T23:30:00Z", "Asia/Kolkata"), ["2026-11-29", "05:00"]);
});

test("lateness is text and tone", () => {
  const cases = [
    [{ dueDateTime: "2026-11-25T11:00:00Z" }, ["Late 3 d", "danger"], true],
    [{ dueDateTime: "2026-11-28T17:00:00Z" }, ["Due in 5 h", "warning"], false],
    [{ dueDateTime: "2026-12-02T12:00:00Z" }, ["Due Dec 2", "plain"], false],
    [{ dueDateTime: "2028-12-02T12:00:00Z" }, ["Due Dec 2, 2028", "plain"], false],
    [{ dueDateTime: "2026-11-25T11:00:00Z", status: 5 }, ["Completed", "success"], false],
    [{}, ["No due date", "plain"], false],
  ];
  for (const [fields, shown, late] of cases) {
    assert.deepEqual(lateness(fields, NOW, FORMATS), shown);
    assert.equal(isLate(fields, NOW), late);
  }
  assert.deepEqual(ageOf({ createDate: "2026-11-16T12:00:00Z" }, NOW), ["12 d", "warning"]);
});

test("priorities rank by their words", () => {
  const ranks = ["Critical", "High", "Medium", "Low"].map((priority_label) => priorityRank({ priority: 9, priority_label }));
  assert.deepEqual(ranks, [0, 1, 2, 3]);
});

test("filters need every word, label and lateness", () => {
  const tickets = [ticket(1, { title: "Printer jams", companyID: 4, companyID_label: "Bakery" }), ticket(2, { dueDateTime: "2026-11-01T00:00:00Z" })];
  const found = (filter) => filterTickets(tickets, { ...none, ...filter }, NOW).map(({ id }) => id);
  assert.deepEqual(found({}), [1, 2]);
  assert.deepEqual(found({ text: "bakery print" }), [1]);
  assert.deepEqual(found({ chosen: { companyID: "No company" } }), [2]);
  assert.deepEqual(found({ lateOnly: true }), [2]);
  assert.deepEqual(facetOf(tickets, "companyID", FORMATS.collator), [["Bakery", 1], ["No company", 1]]);
});

test("sorting is stable and puts missing values last", () => {
  const tickets = [ticket(1), ticket(2, { dueDateTime: "2026-12-01T00:00:00Z" }), ticket(3, { dueDateTime: "2026-11-01T00:00:00Z" })];
  const order = (key, descending) => sortTickets(tickets, { key, descending }, FORMATS.collator).map(({ id }) => id);
  assert.deepEqual(order("due"), [3, 2, 1]);
  assert.deepEqual(order("due", true), [2, 3, 1]);
  assert.deepEqual(order("title", true), [3, 2, 1]);
  assert.deepEqual(order("status"), [1, 2, 3]);
});

test("groups start with the tickets that have no value", () => {
  const tickets = [ticket(1, { assignedResourceID: 7, assignedResourceID_label: "Ada" }), ticket(2)];
  const titles = (key) => groupTickets(tickets, key, FORMATS.collator).map(([title]) => title);
  assert.deepEqual(titles("assignedResourceID"), ["Unassigned", "Ada"]);
  assert.deepEqual(titles(""), [""]);
});

test("a confirmed write changes the list", () => {
  const tickets = [ticket(1, { priority: 3, priority_label: "Low" }), ticket(2)];
  applyChanges(tickets, { results: [{ itemId: 1, changed: { priority: { from: 3, to: 4 } } }, { itemId: 2, error: {} }] }, { priority: "Critical" });
  assert.deepEqual([tickets[0].priority, tickets[0].priority_label, tickets[1].priority], [4, "Critical", undefined]);
});

test("CSV runs nothing", () => {
  const cells = { "=1+1": "\"'=1+1\"", "+49 1": "\"'+49 1\"", "@a": "\"'@a\"", "\tx": "\"'\tx\"", " =x": "\"' =x\"", "-1.5": "\"'-1.5\"", 'a"b': '"a""b"' };
  for (const [value, cell] of Object.entries(cells)) assert.equal(csvCell(value), cell);
  const text = toCsv(csvColumns("https://x/{id}"), [ticket(3)]);
  assert.equal(text.split("\r\n").length, 3);
  assert.ok(text.startsWith("\uFEFF\"Number\"") && text.includes("https://x/3"));
});

test("results are data, a preview with its code, or an error", () => {
  const text = (value) => [{ type: "text", text: value }];
  assert.deepEqual(readResult({ content: text('{"count":0}') }).data, { count: 0 });
  assert.equal(readResult({ content: text("plain") }).error.message, "plain");
  const error = { code: "confirm-required", preview: { method: "PATCH" } };
  const result = { isError: true, content: text("x"), structuredContent: { error } };
  assert.equal(readResult(result).code, undefined);
  assert.equal(readResult({ ...result, _meta: { "autotask/confirm": "UPDATE_TICKET:a" } }).code, "UPDATE_TICKET:a");
  assert.equal(toolOfCode("CREATE_TICKET_NOTE:a:b"), "create-ticket-note");
});

test("errors offer their choices", () => {
  const accepted = 'assignedResourceRoleID: 502 (Senior Engineer) or 503 (Project Manager); noteType: 1 ("Task (1)"); 2 ("Two")';
  assert.deepEqual(choicesOf({ code: "missing-field", accepted }), [
    { name: "assignedResourceRoleID", options: [{ value: "502", label: "Senior Engineer" }, { value: "503", label: "Project Manager" }] },
    { name: "noteType", options: [{ value: "1", label: "Task (1)" }, { value: "2", label: "Two" }] },
  ]);
  assert.deepEqual(choicesOf({ code: "missing-field", accepted: "dateWorked: an ISO 8601 date" }), []);
  assert.deepEqual(choicesOf({ code: "rejected", accepted }), []);
});

test("previews are rows", () => {
  const changes = { status: { from: 8, to: 5, from_label: "In Progress" }, userDefinedFields: { "Asset Tag": { from: "A", to: null } } };
  assert.deepEqual(previewRecords({ changes, labels: { status: "Complete" } })[0].rows, [
    { name: "Status", before: "In Progress", after: "Complete" },
    { name: "Asset Tag", before: "A", after: null },
  ]);
  const created = previewRecords({ body: { ticketID: 5, userDefinedFields: [{ name: "Tag", value: "x" }] }, labels: { ticketID: "T5" } })[0].rows;
  assert.deepEqual(created, [{ name: "Ticket", after: "T5" }, { name: "Tag", after: "x" }]);
  assert.deepEqual(previewRecords({ current: { roleID: 5, roleID_label: "Engineer" } })[0].rows, [{ name: "Role", before: "Engineer" }]);
  assert.equal(previewRecords({ records: [{ id: 1, record: "Ticket 1", changes }] })[0].title, "Ticket 1");
  const titles = { "update 3 Tickets:": "Update 3 Tickets", 'create TicketNote (Ticket "OneDrive"):': 'Create ticket note (Ticket "OneDrive")', 'update Ticket 1 ("OneDrive"):': 'Update Ticket 1 ("OneDrive")' };
  for (const [text, title] of Object.entries(titles)) assert.equal(previewTitle({ message: `Preview only; nothing was written. Confirming will ${text}` }), title);
});

test("texts are compared by words", () => {
  const diff = diffWords("no network since this morning", "no network since last night");
  assert.equal(diff.filter(({ kind }) => kind !== "ins").map(({ text }) => text).join(""), "no network since this morning");
  assert.equal(diff.filter(({ kind }) => kind !== "del").map(({ text }) => text).join(""), "no network since last night");
  assert.deepEqual(diff.slice(-2), [{ kind: "del", text: "this morning" }, { kind: "ins", text: "last night" }]);
  const long = "word ".repeat(700);
  assert.equal(diffWords(long, "x").length, 2);
  assert.ok(isTextChange("a\nb", "c") && !isTextChange("a", "b") && !isTextChange(null, "x".repeat(99)));
});

test("names and values are words", () => {
  const names = { assignedResourceID: "Technician", companyLocationID: "Company location", isCompleted: "Is completed", "Asset Tag": "Asset Tag", id: "Id" };
  for (const [name, words] of Object.entries(names)) assert.equal(fieldName(name), words);
  assert.equal(valueText(null, FORMATS), "empty");
  assert.equal(valueText(false, FORMATS), "No");
  assert.deepEqual([1, 2, 4, 9].map((publish) => visibility({ publish, publish_label: "Own" })[0]), ["Customer can see", "Internal", "Internal and co-managed", "Own"]);
});

test("time is logged by start and end, or by hours", () => {
  const values = { date: "2026-11-28", resourceID: "Ada", summaryNotes: "x" };
  const call = (more) => timeCall({ id: 5 }, { ...values, ...more }, "America/New_York");
  assert.deepEqual(call({ hoursWorked: "0.5" }).args, { ticketID: "5", resourceID: "Ada", summaryNotes: "x", dateWorked: "2026-11-28", hoursWorked: 0.5 });
  assert.equal(call({ from: "09:00", to: "10:00" }).args.startDateTime, "2026-11-28T14:00:00.000Z");
  assert.match(call({ from: "10:00", to: "09:00" }), /later/);
  assert.match(call({}), /hours/);
});

test("groups have keys and measures with names", () => {
  const { keys, measures } = groupColumns([{ "createDate:month": "2026-06", "ticketID.companyID": 1, "ticketID.companyID_label": "A", count: 2, sum_hoursWorked: 1, "avg_createDate..completedDate": 3, "avg_n_createDate..completedDate": 4 }]);
  assert.deepEqual(keys.map(({ label }) => label), ["Month (created)", "Company"]);
  assert.deepEqual(measures.map(({ label, type }) => [label, type]), [["Count", "number"], ["Hours worked, total", "hours"], ["Created to Completed date, average", "hours"], ["Created to Completed date, records", "number"]]);
});

test("buckets follow each other without gaps", () => {
  const cases = [["2026-11", "2027-01", "2026-11 2026-12 2027-01"], ["2026-W52", "2027-W01", "2026-W52 2026-W53 2027-W01"], ["2026-Q4", "2027-Q1", "2026-Q4 2027-Q1"], ["2026-02-27", "2026-03-01", "2026-02-27 2026-02-28 2026-03-01"], ["2025", "2027", "2025 2026 2027"]];
  for (const [first, last, all] of cases) assert.equal(bucketsBetween([last, first]).join(" "), all);
  assert.deepEqual(bucketsBetween(["1990-01-01", "2026-01-01"]), ["1990-01-01", "2026-01-01"]);
  assert.deepEqual(bucketsBetween(["2026-02-99", "junk"]), ["2026-02-99", "junk"]);
  assert.equal(bucketLabel("2026-99-01", { locale: "en-US" }), "2026-99-01");
  assert.equal(bucketLabel("2026-06", { locale: "de-DE" }), "Juni 2026");
  assert.equal(bucketLabel("2026-06-05", { locale: "en-US" }), "Jun 5");
  assert.equal(bucketLabel("2026-W23", { locale: "en-US" }), "2026-W23");
});

test("charts are lines over time and bars otherwise", () => {
  const months = [{ "createDate:month": "2026-06", priority: 1, priority_label: "High", count: 2 }, { "createDate:month": "2026-08", priority: 1, priority_label: "High", count: 3 }];
  const lines = (measure, more) => chartOf({ groups: months, ...more }, measure, FORMATS);
  assert.deepEqual(lines({ key: "count" }).series, [{ name: "High", values: [2, 0, 3] }]);
  assert.deepEqual(lines({ key: "count" }, { truncated: "the largest 200 of 294 groups" }).series[0].values, [2, null, 3]);
  const bars = chartOf({ groups: [{ companyID: 4, companyID_label: "Bakery", count: 2 }, { companyID: null, count: 1 }] }, { key: "count", label: "Count" }, FORMATS);
  assert.deepEqual([bars.kind, bars.labels, bars.series[0].values], ["bars", ["Bakery", "None"], [2, 1]]);
});

test("axes have round values", () => {
  const cases = [[[0, 37], [0, 10, 20, 30, 40]], [[0], [0, 0.5, 1]], [[-5, 5], [-5, 0, 5]], [[0.3], [0, 0.1, 0.2, 0.3]]];
  for (const [values, ticks] of cases) assert.ok(axisTicks(values).at(-1) >= Math.max(...values) && axisTicks(values)[0] <= Math.min(0, ...values), String(ticks));
  assert.deepEqual(axisTicks([37]), [0, 10, 20, 30, 40]);
});
