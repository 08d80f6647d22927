// The ticket list without a screen: age, lateness, filters, order and groups.
import { DAY, duration } from "./formats.js";

const COMPLETE = 5;
const SOON = DAY;

export const GROUPS = [
  { key: "", label: "No groups" },
  { key: "status", label: "Status" },
  { key: "queueID", label: "Queue" },
  { key: "assignedResourceID", label: "Technician" },
  { key: "companyID", label: "Company" },
];

export const ORDERS = [
  { key: "due", label: "Due" },
  { key: "created", label: "Age" },
  { key: "activity", label: "Last activity" },
  { key: "priority", label: "Priority" },
  { key: "title", label: "Ticket" },
  { key: "ticketNumber", label: "Number" },
  { key: "companyID", label: "Company" },
  { key: "status", label: "Status" },
  { key: "queueID", label: "Queue" },
  { key: "assignedResourceID", label: "Technician" },
];

const EMPTY = { assignedResourceID: "Unassigned", queueID: "No queue", companyID: "No company", status: "No status" };

/// The text of a ticket's field: its label, its value, or what its absence means.
export function labelOf(ticket, key) {
  return ticket[`${key}_label`] ?? (ticket[key] === undefined ? (EMPTY[key] ?? "") : String(ticket[key]));
}

/// How a ticket stands to its due time: {level: "late" | "soon" | "ok" | "none" | "closed", text}.
export function lateness(ticket, now, formats) {
  if (ticket.status === COMPLETE || ticket.completedDate) return { level: "closed", text: "Completed" };
  if (!ticket.dueDateTime) return { level: "none", text: "No due date" };
  const left = Date.parse(ticket.dueDateTime) - now;
  if (left < 0) return { level: "late", text: `Late ${duration(left)}` };
  if (left < SOON) return { level: "soon", text: `Due in ${duration(left)}` };
  return { level: "ok", text: `Due ${formats.date(ticket.dueDateTime)}` };
}

/// How long ago a ticket was created: {level: "new" | "aging" | "old", text}.
export function ageOf(ticket, now) {
  if (!ticket.createDate) return { level: "new", text: "" };
  const length = now - Date.parse(ticket.createDate);
  const level = length > 30 * DAY ? "old" : length > 7 * DAY ? "aging" : "new";
  return { level, text: duration(length) };
}

/// 0 for the most urgent priority. Labels decide, as each tenant has its own codes.
export function priorityRank(ticket) {
  const label = labelOf(ticket, "priority").toLowerCase();
  const rank = [/crit|urgent|emergency|p1/, /high|p2/, /med|normal|standard|p3/, /low|p4/].findIndex((words) => words.test(label));
  return rank < 0 ? 2 : rank;
}

/// The values of a field that occur, with their counts, by label.
export function facetOf(tickets, key, collator) {
  const found = new Map();
  for (const ticket of tickets) {
    const label = labelOf(ticket, key);
    found.set(label, (found.get(label) ?? 0) + 1);
  }
  return [...found].map(([label, count]) => ({ label, count })).sort((a, b) => collator.compare(a.label, b.label));
}

/// The tickets that contain all words of `text`, have the chosen labels, and are late if `lateOnly`.
export function filterTickets(tickets, { text = "", chosen = {}, lateOnly = false }, now) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = Object.entries(chosen).filter(([, label]) => label !== "");
  return tickets.filter((ticket) => {
    if (wanted.some(([key, label]) => labelOf(ticket, key) !== label)) return false;
    if (lateOnly && lateness(ticket, now, { date: String }).level !== "late") return false;
    const searched = `${ticket.title} ${ticket.ticketNumber} ${labelOf(ticket, "companyID")} ${labelOf(ticket, "assignedResourceID")}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}

/// The tickets in an order; those without a value come last in both directions.
export function sortTickets(tickets, { key, descending }, collator) {
  const value = sortValue(key);
  const sign = descending ? -1 : 1;
  const keyed = tickets.map((ticket) => [value(ticket), ticket]);
  keyed.sort(([a, first], [b, second]) => {
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined) || first.id - second.id;
    const compared = typeof a === "number" ? a - b : collator.compare(a, b);
    return sign * compared || first.id - second.id;
  });
  return keyed.map(([, ticket]) => ticket);
}

function sortValue(key) {
  const time = (field, sign) => (ticket) => (ticket[field] ? sign * Date.parse(ticket[field]) : undefined);
  if (key === "due") return time("dueDateTime", 1);
  if (key === "created") return time("createDate", 1);
  if (key === "activity") return time("lastActivityDate", -1);
  if (key === "priority") return priorityRank;
  if (key === "title" || key === "ticketNumber") return (ticket) => ticket[key];
  return (ticket) => (ticket[key] === undefined ? undefined : labelOf(ticket, key));
}

/// The tickets by the label of a field, in the order of labels; one group without a title if there is no field.
export function groupTickets(tickets, key, collator) {
  if (!key) return [{ title: "", tickets }];
  const groups = new Map();
  for (const ticket of tickets) {
    const title = labelOf(ticket, key);
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push(ticket);
  }
  const first = EMPTY[key];
  const sorted = [...groups].map(([title, members]) => ({ title, tickets: members }));
  return sorted.sort((a, b) => (b.title === first) - (a.title === first) || collator.compare(a.title, b.title));
}

/// The columns of the downloaded list.
export function csvColumns(link) {
  const text = (key) => (ticket) => (ticket[key] === undefined ? "" : labelOf(ticket, key));
  const columns = [["Number", "ticketNumber"], ["Title", "title"], ["Company", "companyID"], ["Status", "status"], ["Priority", "priority"]];
  const rest = [["Queue", "queueID"], ["Technician", "assignedResourceID"], ["Created", "createDate"], ["Due", "dueDateTime"], ["Last activity", "lastActivityDate"]];
  const named = [...columns, ...rest].map(([label, key]) => ({ label, value: text(key) }));
  return link ? [...named, { label: "Link", value: (ticket) => link.replace("{id}", ticket.id) }] : named;
}

/// Takes the values of a confirmed write over into the listed tickets.
export function applyChanges(tickets, outcome, labels = {}) {
  const results = outcome.results ?? [outcome];
  for (const { itemId, changed } of results) {
    const ticket = tickets.find((each) => each.id === itemId);
    for (const [field, { to }] of Object.entries(ticket && changed ? changed : {})) {
      ticket[field] = to;
      if (labels[field] === undefined) delete ticket[`${field}_label`];
      else ticket[`${field}_label`] = labels[field];
    }
  }
}
