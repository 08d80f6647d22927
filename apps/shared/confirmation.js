// A write from its preview to its outcome: the difference, one button Confirm, one button Cancel.
import { announce, button, el, fill, focusOn } from "./dom.js";
import { fieldName } from "./fields.js";
import { isDate } from "./formats.js";
import { callTool, informModel, openLink } from "./host.js";
import { diffWords, isTextChange, previewRecords, previewTitle } from "./preview.js";
import { choicePanel, notePanel, problemPanel, warningList } from "./problem.js";
import { choicesOf, readResult } from "./result.js";

/// Shows the write `call` = {tool, args}. `result` is its preview if there is one already; otherwise it is requested.
/// `done(data, preview)` follows a write, `closed()` a panel that is no longer needed. Returns the node.
export function writePanel(host, formats, call, { result, done, closed, steal = true }) {
  const node = el("div", { class: "write" });
  const show = (panel, text) => {
    fill(node, panel);
    announce(text);
    if (steal) focusOn(panel.querySelector("h2"));
  };
  const write = { host, formats, call, show, done, closed };
  if (result) showResult(write, result);
  else requestPreview(write);
  return node;
}

async function requestPreview(write) {
  write.show(waitingPanel("Preparing the preview"), "Preparing the preview");
  showResult(write, await callTool(write.host, write.call.tool, write.call.args));
}

function showResult(write, result) {
  const read = readResult(result);
  if (read.kind === "data") return finish(write, read.data);
  if (read.kind === "error") return showProblem(write, read.error);
  showPreview(write, read);
}

function showPreview(write, { error, preview, code }) {
  const title = previewTitle(error);
  const repeats = !code && /allowDuplicate/.test(`${error.next} ${error.accepted}`);
  const buttons = [];
  // The code is used up by the first click, whatever comes of it: the buttons leave with it.
  const confirm = async () => {
    write.show(waitingPanel("Writing to Autotask"), "Writing to Autotask");
    const outcome = readResult(await callTool(write.host, write.call.tool, { ...write.call.args, confirm: code }));
    if (outcome.kind === "data") finish(write, outcome.data, preview);
    else showProblem(write, outcome.error, preview);
  };
  const cancel = () => {
    informModel(write.host, `The user cancelled this write in the view; nothing was written: ${write.call.tool}.`);
    if (write.closed) write.closed();
    else write.show(notePanel("Cancelled", "Nothing was written. Ask again in the chat if you change your mind."), "Cancelled. Nothing was written.");
  };
  const again = () => {
    write.call.args = { ...write.call.args, allowDuplicate: true };
    requestPreview(write);
  };
  if (code) buttons.push(button("Confirm", confirm, preview.method === "DELETE" ? "primary danger" : "primary"));
  if (repeats) buttons.push(button("Preview it anyway", again));
  if (code || repeats || write.closed) buttons.push(button("Cancel", cancel));
  const panel = el(
    "section",
    { class: "panel", "aria-label": "Preview of a change" },
    el("p", { class: "eyebrow" }, "Preview. Nothing has been written yet."),
    el("h2", {}, `${title}?`),
    differenceTable(previewRecords(preview), write.formats),
    list("What else happens", preview.sideEffects, "effects"),
    list("Please note", preview.warnings, "effects"),
    !code && el("p", { class: "note" }, repeats ? `${error.accepted ?? ""} ${error.next ?? ""}`.trim() : "This preview cannot be confirmed here. Confirm it in the chat."),
    technicalDetails(preview),
    buttons.length > 0 && el("div", { class: "actions sticky" }, buttons),
  );
  write.show(panel, `${title}? Confirm or cancel.`);
}

function showProblem(write, error, preview) {
  const choices = choicesOf(error);
  const close = () => write.closed?.();
  if (choices.length > 0 && !preview) {
    const choose = (values) => {
      write.call.args = { ...write.call.args, ...values };
      requestPreview(write);
    };
    return write.show(choicePanel(error, choices, fieldName, choose, close), error.message);
  }
  const actions = [];
  // After an unknown outcome the record may exist already: only a look into Autotask helps.
  if (preview && error.code !== "outcome-unknown") actions.push(button("New preview", () => requestPreview(write)));
  if (write.closed) actions.push(button("Close", close));
  informModel(write.host, `In the view, ${write.call.tool} was not carried out: ${error.code}.`);
  write.show(problemPanel(error, actions), `Not done. ${error.message}`);
}

function finish(write, data, preview) {
  const { call, host } = write;
  const failed = (data.results ?? []).filter((each) => each.error);
  const count = (data.results ?? [data]).length - failed.length;
  const title = data.results ? `${count} of ${data.results.length} records written` : `Done. Record ${data.itemId ?? ""} was written.`;
  const undo = undoCall(data.undo);
  const actions = [
    data.link && button("Open in Autotask", () => openLink(host, data.link)),
    undo && button("Undo", () => requestPreview(Object.assign(write, { call: undo }))),
    write.closed && button("Close", () => write.closed()),
  ];
  const panel = el(
    "section",
    { class: "panel success" },
    el("h2", {}, title),
    data.changed && differenceTable(previewRecords({ ...preview, changes: data.changed, records: undefined }), write.formats),
    list("Not written", failed.map((each) => `${each.itemId}: ${each.error.message ?? each.error}`), "effects"),
    list("Had these values already", data.skipped?.map(String), "effects"),
    list("Not attempted", data.notAttempted?.map(String), "effects"),
    warningList(data.warnings),
    el("div", { class: "actions" }, actions),
  );
  if (preview) informModel(host, `The user confirmed ${call.tool} in the view, and it was written: ${JSON.stringify({ itemId: data.itemId, results: data.results?.length })}. Do not repeat it.`);
  write.show(panel, title);
  write.done?.(data, preview);
}

function undoCall(undo) {
  const calls = Array.isArray(undo) ? undo : [undo];
  return calls.length === 1 && calls[0] ? { tool: calls[0].tool, args: calls[0].arguments } : undefined;
}

function waitingPanel(text) {
  return el("section", { class: "panel", "aria-busy": "true" }, el("h2", { class: "waiting" }, `${text} …`));
}


function list(title, entries = [], kind) {
  return entries.length > 0 && el("div", { class: kind }, el("h3", {}, title), el("ul", {}, entries.map((text) => el("li", {}, text))));
}

function technicalDetails({ method, path, body }) {
  return el("details", {}, el("summary", {}, "Request to Autotask"), el("pre", {}, `${method} ${path}\n${body ? JSON.stringify(body, null, 2) : ""}`));
}

function differenceTable(records, formats) {
  const rows = records.flatMap((record) => record.rows);
  const before = rows.some((row) => row.before !== undefined);
  const after = rows.some((row) => row.after !== undefined);
  const titled = records.some((record) => record.title);
  const headings = [titled && "Record", "Field", before && (after ? "Now" : "Value"), after && (before ? "After" : "Value")].filter(Boolean);
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Changes" },
    el(
      "table",
      { class: "diff" },
      el("thead", {}, el("tr", {}, headings.map((text) => el("th", { scope: "col" }, text)))),
      records.map((record) => el("tbody", {}, record.rows.map((row, at) => differenceRow(record, row, at, { before, after, titled }, formats)))),
    ),
  );
}

function differenceRow(record, row, at, columns, formats) {
  const text = isTextChange(row.before, row.after);
  const words = () => diffWords(row.before, row.after).map(({ kind, text: part }) => (kind === "same" ? part : el(kind === "added" ? "ins" : "del", {}, part)));
  const change = columns.before && columns.after;
  const cell = (value, kind) => el("td", { class: change ? kind : "" }, value === undefined ? "" : valueNode(value, kind, change, formats));
  return el(
    "tr",
    {},
    columns.titled && at === 0 && el("th", { scope: "rowgroup", rowspan: record.rows.length }, record.title),
    el("th", { scope: "row" }, row.name),
    text ? el("td", { class: "text", colspan: "2" }, words()) : [columns.before && cell(row.before, "before"), columns.after && cell(row.after, "after")],
  );
}

function valueNode(value, kind, change, formats) {
  const text = valueText(value, formats);
  if (!change || value === null) return el("span", { class: value === null ? "muted" : "value" }, text);
  return el(kind === "before" ? "del" : "ins", {}, text);
}

/// A field's value in words.
export function valueText(value, formats) {
  if (value === null || value === undefined || value === "") return "empty";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "object") return JSON.stringify(value);
  return isDate(value) ? formats.dateTime(value) : String(value);
}
