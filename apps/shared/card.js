// The ticket card: facts, notes and time newest first with who can see each, checklist and attachments.
import { noteForm, openForm, statusForm, timeForm } from "./actions.js";
import { attachmentList } from "./attachments.js";
import { ageOf, labelOf, lateness, priorityRank } from "./board.js";
import { badge, button, el, fill, section } from "./dom.js";
import { fieldName, valueText, visibility } from "./fields.js";
import { callTool, openLink } from "./host.js";
import { warningList } from "./problem.js";
import { readResult } from "./result.js";

/// The parts of a card, as `include` of `get-ticket` names them.
export const PARTS = ["notes", "timeEntries", "attachments", "checklist"];
const MAX_SHOWN_TEXT = 700;
const FACTS = "assignedResourceID assignedResourceRoleID queueID contactID issueType subIssueType ticketType source contractID configurationItemID createDate dueDateTime lastActivityDate";

export function priorityBadge(ticket) {
  return badge(labelOf(ticket, "priority") || "None", ["danger", "warning"][priorityRank(ticket)]);
}

export function latenessBadge(ticket, formats) {
  return badge(...lateness(ticket, Date.now(), formats));
}

/// Reads a ticket with all parts of the card.
export async function readTicket(host, id) {
  return readResult(await callTool(host, "get-ticket", { id: `${id}`, include: PARTS }));
}

/// The card of `data`, a result of `get-ticket`. `back` leads to a list; `changed(item)` follows a write.
export function ticketCard(host, formats, data, { back, changed } = {}) {
  const [head, place, body] = [el("header"), el("div.place"), el("div.body")];
  let ticket;
  const draw = (fresh) => {
    ticket = fresh.item;
    fill(head, cardHeader(ticket, formats));
    fill(body, cardBody(host, formats, fresh));
  };
  const done = async () => {
    const { data: fresh } = await readTicket(host, ticket.id);
    if (!fresh) return;
    draw(fresh);
    changed?.(fresh.item);
  };
  const action = (label, makeForm) => button(label, ({ currentTarget }) => openForm({ host, formats, place, done }, currentTarget, makeForm, ticket));
  draw(data);
  return el(
    "article.card",
    back && button("← Back to the list", back, ".quiet.back"),
    head,
    el(
      "div.actions",
      { role: "group", "aria-label": "Ticket actions" },
      action("Add note", noteForm),
      action("Log time", timeForm),
      action("Change status", statusForm),
      data.link && button("Open in Autotask", () => openLink(host, data.link), ".quiet"),
    ),
    place,
    body,
  );
}

function cardHeader(ticket, formats) {
  const { ticketNumber, companyID_label: company, contactID_label: contact, title } = ticket;
  const [age] = ageOf(ticket, Date.now());
  return [
    el("p.muted.small", [ticketNumber, company, contact].filter(Boolean).join(" · ")),
    el("h1", title || "Ticket without a title"),
    el("p.head", badge(labelOf(ticket, "status"), "info"), priorityBadge(ticket), latenessBadge(ticket, formats), age && el("span.muted.small", `Created ${age} ago`)),
  ];
}

function cardBody(host, formats, { item, warnings, attachments, checklist, ...entries }) {
  const { description, resolution } = item;
  return [
    warningList(warnings),
    el(
      "div.columns",
      el("div", section("Description", description && longText(description)), section("Resolution", resolution && longText(resolution)), timeline(entries, formats)),
      el("div.aside", facts(item, formats), checklistPart(checklist), attachmentList(host, formats, attachments)),
    ),
  ];
}

function facts(ticket, formats) {
  const own = ticket.userDefinedFields ?? {};
  const pairs = [
    ...FACTS.split(" ").filter((key) => ticket[key] !== undefined).map((key) => [fieldName(key), labelOf(ticket, key)]),
    ...Object.keys(own).filter((name) => !name.endsWith("_label")).map((name) => [name, own[`${name}_label`] ?? own[name]]),
  ];
  return section("Facts", el("dl.lines", pairs.map(([name, value]) => [el("dt", name), el("dd", valueText(value, formats))])));
}

function timeline({ notes = [], timeEntries = [] }, formats) {
  const entries = [...notes.map(noteEntry), ...timeEntries.map((entry) => timeEntry(entry, formats))];
  entries.sort((a, b) => (Date.parse(b.at) || 0) - (Date.parse(a.at) || 0));
  const hours = timeEntries.reduce((sum, { hoursWorked = 0 }) => sum + hoursWorked, 0);
  const title = ["Notes and time ", el("span.muted.small", `${notes.length} notes, ${formats.hours(hours)} logged`)];
  return section(title, entries.length > 0 ? el("ol.plain", entries.map((entry) => timelineItem(entry, formats))) : el("p.muted", "No notes and no time yet."));
}

function noteEntry(note) {
  const { creatorResourceID_label: technician, createdByContactID_label: contact, createDateTime: at, noteType_label: type = "Note", title, description } = note;
  const byContact = !technician && contact;
  return { at, kind: byContact ? ".contact" : "", author: technician ?? contact ?? "Unknown author", about: [byContact && "customer", type], title, texts: [[description, visibility(note)]] };
}

function timeEntry(entry, formats) {
  const { startDateTime, dateWorked, hoursWorked = 0, resourceID_label: author = "Unknown technician", roleID_label: role, summaryNotes, internalNotes } = entry;
  const texts = [[summaryNotes, ["Customer may see", "warning"]], [internalNotes, ["Internal"]]].filter(([text]) => text);
  return { at: startDateTime ?? dateWorked, kind: ".logged", author, about: ["Time", role], title: formats.hours(hoursWorked), texts };
}

function timelineItem({ at, kind, author, about, title, texts }, formats) {
  return el(
    `li.entry${kind}`,
    el("p.head", el("b", author), el("span.muted", about.filter(Boolean).join(" · ")), at && el("time.muted", { datetime: at }, formats.dateTime(at))),
    title && el("p", el("b", title)),
    texts.map(([text = "", seen]) => [badge(...seen), longText(text)]),
  );
}

function longText(text) {
  const node = el("div.text");
  const all = button("Show all", () => fill(node, text), ".quiet");
  return text.length > MAX_SHOWN_TEXT ? fill(node, `${text.slice(0, MAX_SHOWN_TEXT)}… `, all) : fill(node, text);
}

function checklistPart(items = []) {
  const sorted = [...items].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  const state = (done) => [el("span", { "aria-hidden": "true" }, done ? "✓ " : "○ "), el("span.unseen", done ? "Completed: " : "Open: ")];
  const rows = sorted.map(({ isCompleted, isImportant, itemName }) => el(isCompleted ? "li.muted" : "li", state(isCompleted), el("bdi", itemName), " ", isImportant && badge("Important", "warning")));
  const title = ["Checklist ", el("span.muted.small", `${items.filter(({ isCompleted }) => isCompleted).length} of ${items.length} completed`)];
  return section(title, rows.length > 0 && el("ul.plain", rows));
}
