// The ticket card: facts, notes and time newest first with who can see each, checklist and attachments.
import { noteForm, openForm, statusForm, timeForm } from "./actions.js";
import { attachmentList } from "./attachments.js";
import { ageOf, labelOf, lateness, priorityRank } from "./board.js";
import { valueText } from "./confirmation.js";
import { announce, badge, button, el, fill } from "./dom.js";
import { fieldName, visibility } from "./fields.js";
import { callTool, openLink } from "./host.js";
import { problemPanel, warningList } from "./problem.js";
import { readResult } from "./result.js";

const PARTS = ["notes", "timeEntries", "attachments", "checklist"];
const MAX_SHOWN_TEXT = 700;
const PRIORITY_TONES = ["danger", "warning", "plain", "plain"];
const LATENESS_TONES = { late: "danger", soon: "warning", ok: "plain", none: "plain", closed: "success" };
const FACTS = [
  ["Technician", "assignedResourceID"],
  ["Role", "assignedResourceRoleID"],
  ["Queue", "queueID"],
  ["Contact", "contactID"],
  ["Issue", "issueType"],
  ["Sub-issue", "subIssueType"],
  ["Type", "ticketType"],
  ["Source", "source"],
  ["Contract", "contractID"],
  ["Device", "configurationItemID"],
  ["Created", "createDate"],
  ["Due", "dueDateTime"],
  ["Last activity", "lastActivityDate"],
];

export function priorityBadge(ticket) {
  return badge(labelOf(ticket, "priority") || "No priority", PRIORITY_TONES[priorityRank(ticket)]);
}

export function latenessBadge(ticket, now, formats) {
  const { level, text } = lateness(ticket, now, formats);
  return badge(text, LATENESS_TONES[level]);
}

/// Reads a ticket with all parts of the card.
export async function readTicket(host, id) {
  return readResult(await callTool(host, "get-ticket", { id: String(id), include: PARTS }));
}

/// Whether a result of `get-ticket` has all parts of the card.
export function isComplete(data) {
  return PARTS.every((part) => data[part]);
}

/// The card of `data`, a result of `get-ticket`. `back` leads to a list; `changed(item)` follows a write.
export function ticketCard(host, formats, data, { back, changed } = {}) {
  const { id } = data.item;
  const [head, body, place] = ["card-head", "card-body", "place"].map((kind) => el("div", { class: kind }));
  let ticket;
  const draw = (fresh) => {
    ticket = fresh.item;
    fill(head, cardHeader(ticket, formats, back));
    fill(body, cardBody(host, formats, fresh));
  };
  const reload = async () => {
    const read = await readTicket(host, id);
    if (read.kind !== "data") return;
    draw(read.data);
    changed?.(read.data.item);
  };
  const open = async (event, makeForm) => {
    const opener = event.currentTarget;
    openForm({ host, formats, place, after: reload, closed: () => opener.focus() }, await makeForm(host, ticket, formats, Date.now()));
  };
  const actions = [
    button("Add note", (event) => open(event, noteForm)),
    button("Log time", (event) => open(event, timeForm)),
    button("Change status", (event) => open(event, statusForm)),
    data.link && button("Open in Autotask", () => openLink(host, data.link), "quiet"),
  ];
  draw(data);
  return el("article", { class: "card" }, head, el("div", { class: "toolbar", role: "group", "aria-label": "Ticket actions" }, actions), place, body);
}

function cardBody(host, formats, data) {
  const main = el("div", { class: "main" }, cardText(data.item), timeline(data, formats));
  const aside = el("div", { class: "aside" }, cardFacts(data.item, formats), checklist(data.checklist, formats), attachmentList(host, formats, data.attachments));
  return [warningList(data.warnings), el("div", { class: "columns" }, main, aside)];
}

/// A card that could not be read, with a way back.
export function cardProblem(error, back) {
  return problemPanel(error, back ? [button("Back to the list", back)] : []);
}

function cardHeader(ticket, formats, back) {
  const now = Date.now();
  const age = ageOf(ticket, now).text;
  return el(
    "header",
    { class: "card-header" },
    back && button("← Back to the list", back, "quiet back"),
    el("p", { class: "eyebrow" }, [ticket.ticketNumber, ticket.companyID_label, ticket.contactID_label].filter(Boolean).join(" · ")),
    el("h1", {}, ticket.title || "Ticket without a title"),
    el("p", { class: "badges" }, badge(labelOf(ticket, "status"), "info"), priorityBadge(ticket), latenessBadge(ticket, now, formats), age && el("span", { class: "muted small" }, `Created ${age} ago`)),
  );
}

function cardText(ticket) {
  const texts = [["Description", ticket.description], ["Resolution", ticket.resolution]].filter(([, text]) => text);
  return texts.map(([title, text]) => el("section", {}, el("h2", {}, title), longText(text)));
}

function cardFacts(ticket, formats) {
  const standard = FACTS.filter(([, key]) => ticket[key] !== undefined).map(([name, key]) => [name, valueText(labelOf(ticket, key), formats)]);
  const own = ticket.userDefinedFields ?? {};
  const named = Object.keys(own).filter((name) => !name.endsWith("_label") && own[name] !== null);
  const facts = [...standard, ...named.map((name) => [fieldName(name), valueText(own[`${name}_label`] ?? own[name], formats)])];
  return el("section", {}, el("h2", {}, "Facts"), el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])));
}

function timeline({ notes = [], timeEntries = [] }, formats) {
  const entries = [...notes.map(noteEntry), ...timeEntries.map((entry) => timeEntry(entry, formats))];
  entries.sort((a, b) => (Date.parse(b.at) || 0) - (Date.parse(a.at) || 0));
  const hours = timeEntries.reduce((sum, entry) => sum + (entry.hoursWorked ?? 0), 0);
  const counts = [`${notes.length} notes`, timeEntries.length > 0 && `${formats.hours(hours)} logged`].filter(Boolean).join(", ");
  return el(
    "section",
    {},
    el("h2", {}, "Notes and time ", el("span", { class: "muted small" }, counts)),
    entries.length === 0 && el("p", { class: "muted" }, "No notes and no time yet."),
    el("ol", { class: "timeline" }, entries.map((entry) => timelineItem(entry, formats))),
  );
}

function noteEntry(note) {
  const author = note.creatorResourceID_label ?? note.createdByContactID_label ?? "Unknown author";
  const contact = note.createdByContactID !== undefined && note.creatorResourceID === undefined;
  return { at: note.createDateTime, author, kind: note.noteType_label ?? "Note", title: note.title, contact, texts: [{ text: note.description, visible: visibility(note) }] };
}

function timeEntry(entry, formats) {
  const texts = [
    { text: entry.summaryNotes, visible: { tone: "warning", text: "Customer may see" } },
    { text: entry.internalNotes, visible: { tone: "plain", text: "Internal" } },
  ];
  const title = `${formats.hours(entry.hoursWorked ?? 0)}${entry.roleID_label ? ` as ${entry.roleID_label}` : ""}`;
  return { at: entry.startDateTime ?? entry.dateWorked, author: entry.resourceID_label ?? "Unknown technician", kind: "Time", title, time: true, texts: texts.filter(({ text }) => text) };
}

function timelineItem({ at, author, kind, title, time, contact, texts }, formats) {
  return el(
    "li",
    { class: time ? "entry time" : contact ? "entry contact" : "entry" },
    el("p", { class: "entry-head" }, el("span", { class: "strong" }, author), contact && el("span", { class: "muted" }, "customer"), el("span", { class: "muted" }, kind), el("time", { class: "muted", datetime: at }, at ? formats.dateTime(at) : "")),
    title && el("p", { class: "entry-title" }, title),
    texts.map(({ text, visible }) => el("div", { class: "entry-text" }, badge(visible.text, visible.tone), longText(text ?? ""))),
  );
}

function longText(text) {
  const node = el("div", { class: "text" });
  if (text.length <= MAX_SHOWN_TEXT) return fill(node, text);
  const all = button(`Show all ${text.length} characters`, () => {
    fill(node, text);
    announce("The whole text is shown.");
  }, "quiet");
  return fill(node, `${text.slice(0, MAX_SHOWN_TEXT)}… `, all);
}

function checklist(items = [], formats) {
  if (items.length === 0) return null;
  const sorted = [...items].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  const completed = items.filter((item) => item.isCompleted).length;
  const row = (item) =>
    el("li", { class: item.isCompleted ? "checked" : "" }, el("span", { class: "mark", "aria-hidden": "true" }, item.isCompleted ? "✓" : "○"), el("span", {}, el("span", { class: "unseen" }, item.isCompleted ? "Completed: " : "Open: "), item.itemName, item.isImportant && badge("Important", "warning"), item.completedDateTime && el("span", { class: "muted small" }, ` ${formats.date(item.completedDateTime)}`)));
  return el("section", {}, el("h2", {}, "Checklist ", el("span", { class: "muted small" }, `${completed} of ${items.length} completed`)), el("ul", { class: "checklist" }, sorted.map(row)));
}
