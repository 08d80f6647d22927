// What can be done to a ticket: a note, time, another status. Each is a form that leads to the preview of a write.
import { writePanel } from "./confirmation.js";
import { visibility } from "./fields.js";
import { formPanel, openPanel } from "./form.js";
import { wallClock, zonedInstant } from "./formats.js";
import { picklist, technicians } from "./lookups.js";

/// Opens `form` in `place`; what it returns as a call becomes a preview there. `after` follows a write.
export function openForm({ host, formats, place, after, closed }, form) {
  const close = () => {
    place.replaceChildren();
    closed?.();
  };
  const submit = (values) => {
    const call = form.call(values);
    if (typeof call === "string") return call;
    place.replaceChildren(writePanel(host, formats, call, { done: after, closed: close }));
    return undefined;
  };
  openPanel(place, formPanel({ ...form, submit, close }));
}

export async function noteForm(host, ticket) {
  const [types, publish] = await Promise.all([picklist(host, "TicketNotes", "noteType"), picklist(host, "TicketNotes", "publish")]);
  const internal = publish.find(({ value }) => value === 2) ?? publish.find(({ label }) => /internal/i.test(label));
  const manual = types.find(({ value }) => value === 3) ?? types[0];
  const visible = publish.map(({ value, label }) => ({ value, label: `${visibility({ publish: value, publish_label: label }).text} (${label})` }));
  return {
    title: "Add a note",
    fields: [
      { name: "description", label: "Note", type: "textarea", required: true },
      { name: "title", label: "Title" },
      choiceField("publish", "Who can see it", visible, internal?.value ?? 2),
      choiceField("noteType", "Type", types, manual?.value ?? ""),
    ],
    call: (values) => ({ tool: "create-ticket-note", args: { ticketID: String(ticket.id), ...values } }),
  };
}

function choiceField(name, label, options, value) {
  return options.length > 0 ? { name, label, type: "select", options, value } : { name, label, value: String(value) };
}

export async function timeForm(host, ticket, formats, now) {
  const names = await technicians(host);
  const [today] = wallClock(now, formats.timeZone);
  return {
    title: "Log time",
    fields: [
      { name: "resourceID", label: "Technician", value: ticket.assignedResourceID_label ?? "", required: true, suggestions: names },
      { name: "date", label: "Day", type: "date", value: today, required: true },
      { name: "from", label: "From", type: "time" },
      { name: "to", label: "To", type: "time" },
      { name: "hoursWorked", label: "or hours", type: "number", hint: "Some contracts need from and to" },
      { name: "summaryNotes", label: "Summary, the customer may read it", type: "textarea", required: true },
      { name: "internalNotes", label: "Internal notes", type: "textarea" },
    ],
    call: (values) => timeCall(ticket, values, formats.timeZone),
  };
}

/// The call that logs the time of a form, or what is missing.
export function timeCall(ticket, { date, from, to, hoursWorked, ...values }, timeZone) {
  const args = { ticketID: String(ticket.id), ...values };
  if (from && to) {
    const [start, end] = [from, to].map((time) => zonedInstant(date, time, timeZone));
    if (end <= start) return "“To” must be later than “From”.";
    return { tool: "create-time-entry", args: { ...args, startDateTime: start, endDateTime: end } };
  }
  if (!hoursWorked) return "Enter from and to, or the hours.";
  return { tool: "create-time-entry", args: { ...args, dateWorked: date, hoursWorked: Number(hoursWorked) } };
}

export async function statusForm(host, ticket) {
  const options = await picklist(host, "Tickets", "status");
  return {
    title: "Change status",
    fields: [choiceField("status", "Status", options, ticket.status), { name: "resolution", label: "Resolution, for a ticket that is done", type: "textarea" }],
    call: (values) => ({ tool: "update-ticket", args: { id: String(ticket.id), ...values } }),
  };
}

export async function assignForm(host, ids) {
  const names = await technicians(host);
  return {
    title: `Reassign ${countOf(ids)}`,
    fields: [{ name: "assignedResourceID", label: "Technician", required: true, suggestions: names, hint: "Name or e-mail address" }],
    call: (values) => ({ tool: "update-ticket", args: { ...recordsOf(ids), ...values } }),
  };
}

export async function priorityForm(host, ids) {
  const options = await picklist(host, "Tickets", "priority");
  return {
    title: `Change the priority of ${countOf(ids)}`,
    fields: [choiceField("priority", "Priority", options, "")],
    call: (values) => ({ tool: "update-ticket", args: { ...recordsOf(ids), ...values } }),
  };
}

function recordsOf(ids) {
  return ids.length === 1 ? { id: String(ids[0]) } : { ids };
}

function countOf(ids) {
  return ids.length === 1 ? "1 ticket" : `${ids.length} tickets`;
}
