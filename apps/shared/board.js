// The ticket list without a screen: age, lateness, filters, order and groups.
import { DAY, duration } from "./formats.js";

const COMPLETE = 5;

/// The fields that a list can be filtered and grouped by.
export const FACETS = { status: "Status", queueID: "Queue", assignedResourceID: "Technician", companyID: "Company", priority: "Priority" };

export const ORDERS = { due: "Due", created: "Age", activity: "Last activity", title: "Ticket", ticketNumber: "Number", ...FACETS };

const EMPTY = { assignedResourceID: "Unassigned", queueID: "No queue", companyID: "No company", status: "No status" };

/// The text of a ticket's field: its label, its value, or what its absence means.
export function labelOf(ticket, key) {
  return ticket[`${key}_label`] ?? (ticket[key] === undefined ? (EMPTY[key] ?? "") : String(ticket[key]));
}

/// How a ticket stands to its due time, and the tone of it: ["Late 3 d", "danger"].
export function lateness({ status, completedDate, dueDateTime }, now, formats) {
  if (status === COMPLETE || completedDate) return ["Completed", "success"];
  const left = Date.parse(dueDateTime) - now;
  if (Number.isNaN(left)) return ["No due date", "plain"];
  if (left < 0) return [`Late ${duration(left)}`, "danger"];
  if (left < DAY) return [`Due in ${duration(left)}`, "warning"];
  return [`Due ${(left < 300 * DAY ? formats.dayOfYear : formats.date)(dueDateTime)}`, "plain"];
}

/// Whether a ticket is open past its due time.
export function isLate({ status, completedDate, dueDateTime }, now) {
  return status !== COMPLETE && !completedDate && Date.parse(dueDateTime) < now;
}

/// How long ago a ticket was created, and the tone of it: ["12 d", "warning"].
export function ageOf({ createDate }, now) {
  const length = now - Date.parse(createDate);
  if (Number.isNaN(length)) return ["", "plain"];
  return [duration(length), length > 30 * DAY ? "danger" : length > 7 * DAY ? "warning" : "plain"];
}

/// 0 for the most urgent priority. Labels decide, as each tenant has its own codes.
export function priorityRank(ticket) {
  const label = labelOf(ticket, "priority").toLowerCase();
  const rank = [/crit|urgent|emergency|p1/, /high|p2/, /med|normal|standard|p3/, /low|p4/].findIndex((words) => words.test(label));
  return rank < 0 ? 2 : rank;
}

/// The values of a field that occur, with their counts, by label: [["New", 3]].
export function facetOf(tickets, key, collator) {
  const counts = {};
  for (const ticket of tickets) counts[labelOf(ticket, key)] = (counts[labelOf(ticket, key)] ?? 0) + 1;
  return Object.entries(counts).sort(([a], [b]) => collator.compare(a, b));
}

/// The tickets that contain all words of `text`, have the chosen labels, and are late if `lateOnly`.
export function filterTickets(tickets, { text, chosen, lateOnly }, now) {
  const words = text.toLowerCase().split(/\s+/);
  const wanted = Object.entries(chosen).filter(([, label]) => label !== "");
  return tickets.filter((ticket) => {
    if (wanted.some(([key, label]) => labelOf(ticket, key) !== label) || (lateOnly && !isLate(ticket, now))) return false;
    const searched = ["title", "ticketNumber", "companyID", "assignedResourceID"].map((key) => labelOf(ticket, key)).join(" ").toLowerCase();
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
  const time = (field, sign) => (ticket) => sign * Date.parse(ticket[field]) || undefined;
  const special = { due: time("dueDateTime", 1), created: time("createDate", 1), activity: time("lastActivityDate", -1), priority: priorityRank };
  return special[key] ?? ((ticket) => (ticket[key] === undefined ? undefined : labelOf(ticket, key)));
}

/// The tickets by the label of a field, those without a value first; one group without a title if there is no field.
export function groupTickets(tickets, key, collator) {
  const groups = new Map();
  for (const ticket of tickets) {
    const title = key && labelOf(ticket, key);
    groups.set(title, [...(groups.get(title) ?? []), ticket]);
  }
  const rank = (title) => (title === EMPTY[key] ? 0 : 1);
  return [...groups].sort(([a], [b]) => rank(a) - rank(b) || collator.compare(a, b));
}

/// The columns of the downloaded list.
export function csvColumns(link = "") {
  const names = { ticketNumber: "Number", title: "Title", ...FACETS, createDate: "Created", dueDateTime: "Due", lastActivityDate: "Last activity" };
  const columns = Object.entries(names).map(([key, name]) => [name, (ticket) => ticket[`${key}_label`] ?? ticket[key]]);
  return [...columns, ["Link", ({ id }) => link.replace("{id}", id)]];
}

/// Takes the values of a confirmed write over into the listed tickets.
export function applyChanges(tickets, outcome, labels = {}) {
  for (const { itemId, changed = {} } of outcome.results ?? [outcome]) {
    const ticket = tickets.find(({ id }) => id === itemId) ?? {};
    for (const [field, { to }] of Object.entries(changed)) Object.assign(ticket, { [field]: to, [`${field}_label`]: labels[field] });
  }
}
