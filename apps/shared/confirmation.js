// A write from its preview to its outcome: the difference, one button Confirm, one button Cancel.
import { announce, button, el, fill, focusOn } from "./dom.js";
import { fieldName, valueText } from "./fields.js";
import { formPanel } from "./form.js";
import { callTool, informModel, openLink } from "./host.js";
import { diffWords, isTextChange, previewRecords, previewTitle } from "./preview.js";
import { notePanel, problemPanel, warningList } from "./problem.js";
import { choicesOf, readResult } from "./result.js";

/// Shows the write `call` = {tool, args}. `result` is its preview if there is one already; otherwise it is requested.
/// `done(data, preview)` follows a write, `closed()` a panel that is no longer needed. Returns the node.
export function writePanel(host, formats, call, { result, done, closed }) {
  const node = el("div.write");
  const show = (panel, text) => {
    // What appears without a click leaves the focus where it is, such as in the chat.
    const follows = closed || node.contains(document.activeElement);
    fill(node, panel);
    announce(text);
    if (follows) focusOn(panel.querySelector("h2"));
  };
  const write = { host, formats, call, show, done, closed };
  if (result) showResult(write, readResult(result));
  else requestPreview(write);
  return node;
}

async function requestPreview(write, more) {
  Object.assign(write.call.args, more);
  showResult(write, await callNow(write, "Preparing the preview"));
}

async function callNow({ host, call, show }, text, confirm) {
  show(el("section.panel", { "aria-busy": "true" }, el("h2.waiting", `${text} …`)), text);
  return readResult(await callTool(host, call.tool, confirm ? { ...call.args, confirm } : call.args));
}

function showResult(write, { data, error, preview, code }) {
  if (data) return finish(write, data);
  return preview ? showPreview(write, error, code) : showProblem(write, error);
}

function showPreview(write, error, code) {
  const { preview, next = "" } = error;
  const { host, call, show, closed } = write;
  const repeats = !code && next.includes("allowDuplicate");
  // The code is used up by the first click, whatever comes of it: the buttons leave with it.
  const confirm = async () => {
    const outcome = await callNow(write, "Writing to Autotask", code);
    return outcome.data ? finish(write, outcome.data, preview) : showProblem(write, outcome.error, true);
  };
  const cancel = () => {
    informModel(host, `The user cancelled ${call.tool} in the view; nothing was written.`);
    if (closed) closed();
    else show(notePanel("Cancelled", "Nothing was written."), "Cancelled. Nothing was written.");
  };
  const buttons = [
    code && button("Confirm", confirm, preview.method === "DELETE" ? ".primary.danger" : ".primary"),
    repeats && button("Preview it anyway", () => requestPreview(write, { allowDuplicate: true })),
    (code || repeats || closed) && button("Cancel", cancel),
  ];
  write.title = previewTitle(error);
  const title = `${write.title}?`;
  const panel = el(
    "section.panel",
    el("p.muted.small", "Preview. Nothing has been written yet."),
    el("h2", title),
    differenceTable(write, preview, "Now"),
    effects("What else happens", preview.sideEffects),
    effects("Please note", preview.warnings),
    !code && el("p.reason", repeats ? next : "It cannot be confirmed here. Confirm it in the chat."),
    el("details", el("summary", "Request to Autotask"), el("pre", `${preview.method} ${preview.path}\n${JSON.stringify(preview.body, null, 2) ?? ""}`)),
    el("div.actions.sticky", buttons),
  );
  show(panel, code ? `${title} Confirm or cancel.` : title);
}

function showProblem(write, error, confirmed) {
  const { show, closed } = write;
  const choices = confirmed ? [] : choicesOf(error);
  if (choices.length > 0) {
    const fields = choices.map(({ name, options }) => ({ name, label: fieldName(name), options }));
    const submit = (values) => void requestPreview(write, values);
    return show(formPanel({ title: "One more choice is needed", text: error.message.replace(/^.* is missing: /, ""), fields, submit, close: closed }), error.message);
  }
  // After an unknown outcome the record may exist already: only a look into Autotask helps.
  const again = confirmed && error.code !== "outcome-unknown";
  show(problemPanel(error, [again && button("New preview", () => requestPreview(write)), closed && button("Close", closed)]), `Not done. ${error.message}`);
}

function finish(write, data, preview = {}) {
  const { host, call, show, done, closed } = write;
  const { itemId, changed, results, link, undo, skipped = [], notAttempted = [], warnings } = data;
  const failed = (results ?? []).filter((each) => each.error);
  const title = results ? `${results.length - failed.length} of ${results.length} records written` : `Done: ${write.title ?? "written"}${preview.method === "PATCH" ? "" : `, id ${itemId}`}`;
  const [back, ...others] = [undo ?? []].flat();
  const actions = [
    link && button("Open in Autotask", () => openLink(host, link)),
    back && !others.length && button("Undo", () => requestPreview(Object.assign(write, { call: { tool: back.tool, args: back.arguments } }))),
    closed && button("Close", closed),
  ];
  const panel = el(
    "section.panel.success",
    el("h2", title),
    changed && differenceTable(write, preview.changes ? preview : { changes: changed }, "Before"),
    effects("Not written", failed.map(({ itemId: id, error }) => `${id}: ${error.message ?? error}`)),
    effects("Had these values already", skipped),
    effects("Not attempted", notAttempted),
    warningList(warnings),
    el("div.actions", actions),
  );
  if (preview.method) informModel(host, `The user confirmed ${call.tool} in the view; it was written ${JSON.stringify({ itemId })}. Do not repeat it.`);
  show(panel, title);
  done?.(data, preview);
}

function effects(title, entries = []) {
  return entries.length > 0 && el("div.effects", el("h3", title), el("ul", entries.map((text) => el("li", text))));
}

function differenceTable({ formats }, preview, now) {
  const records = previewRecords(preview);
  const rows = records.flatMap((record) => record.rows);
  const titled = records[0]?.title;
  const sides = ["before", "after"].filter((side) => rows.some((row) => row[side] !== undefined));
  const names = sides.length > 1 ? [now, "After"] : ["Value"];
  const row = ({ title, rows: own }) => (each, at) => el("tr", titled && at === 0 && el("th", { scope: "rowgroup", rowspan: own.length }, title), el("th", { scope: "row" }, each.name), differenceCells(each, sides, formats));
  return el(
    "div.scroll",
    { tabindex: 0, role: "region", "aria-label": "Changes" },
    el("table.diff", el("thead", el("tr", [titled && "Record", "Field", ...names].filter(Boolean).map((text) => el("th", { scope: "col" }, text)))), records.map((record) => el("tbody", record.rows.map(row(record))))),
  );
}

function differenceCells(row, sides, formats) {
  const { before, after } = row;
  if (isTextChange(before, after)) return el("td", { colspan: 2 }, diffWords(before, after).map(({ kind, text }) => (kind === "same" ? text : el(kind, text))));
  return sides.map((side) => {
    const tag = row[side] === null ? "span.muted" : sides.length < 2 ? "span" : side === "before" ? "del" : "ins";
    return el("td", row[side] !== undefined && el(tag, valueText(row[side], formats)));
  });
}
