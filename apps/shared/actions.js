// What can be done to tickets. Each action is a form that leads to the preview of a write.
import { wallClock, zonedInstant } from "./clock.js";
import { writePanel } from "./confirmation.js";
import { fill, focusOn, waiting } from "./dom.js";
import { visibility } from "./fields.js";
import { formPanel, openPanel } from "./form.js";
import { picklist, technicians } from "./lookups.js";

/// Opens the form that `makeForm` returns in `place`; its call becomes a preview there. `done` follows a write.
export async function openForm({ host, formats, place, done }, opener, makeForm, subject) {
  fill(place, waiting("Loading"));
  const form = await makeForm(host, subject, formats);
  const closed = () => {
    fill(place);
    if (opener.isConnected) opener.focus();
    else focusOn(document.querySelector("h1"));
  };
  const submit = (values) => {
    const call = form.call(values);
    if (typeof call === "string") return call;
    return void fill(place, writePanel(host, formats, call, { done, closed }));
  };
  openPanel(place, formPanel({ ...form, submit, close: closed }));
}

function choice(name, label, options, value = "") {
  return { name, label, options, value, type: options.length ? "select" : "text" };
}

export async function noteForm(host, ticket) {
  const [types, publish] = await Promise.all([picklist(host, "TicketNotes", "noteType"), picklist(host, "TicketNotes", "publish")]);
  const audience = publish.map(({ value, label }) => ({ value, label: `${visibility({ publish: value, publish_label: label })[0]} (${label})` }));
  const internal = publish.find(({ value, label }) => value === 2 || /internal/i.test(label)) ?? { value: 2 };
  const manual = types.find(({ value }) => value === 3) ?? types[0];
  return {
    title: "Add a note",
    fields: [
      { name: "description", label: "Note", type: "textarea", required: true },
      { name: "title", label: "Title" },
      choice("publish", "Who can see it", audience, internal.value),
      choice("noteType", "Type", types, manual?.value),
    ],
    call: (values) => ({ tool: "create-ticket-note", args: { ticketID: `${ticket.id}`, ...values } }),
  };
}

export async function timeForm(host, ticket, { timeZone }) {
  const suggestions = await technicians(host);
  return {
    title: "Log time",
    fields: [
      { name: "resourceID", label: "Technician", value: ticket.assignedResourceID_label, required: true, suggestions },
      { name: "date", label: "Day", type: "date", value: wallClock(Date.now(), timeZone)[0], required: true },
      { name: "from", label: "From", type: "time" },
      { name: "to", label: "To", type: "time" },
      { name: "hoursWorked", label: "Or hours", type: "number" },
      { name: "summaryNotes", label: "Summary, the customer may read it", type: "textarea", required: true },
      { name: "internalNotes", label: "Internal notes", type: "textarea" },
    ],
    call: (values) => timeCall(ticket, values, timeZone),
  };
}

/// The call that logs the time of a form, or what is missing.
export function timeCall(ticket, { date, from, to, hoursWorked, ...values }, timeZone) {
  const [startDateTime, endDateTime] = from && to ? [from, to].map((time) => zonedInstant(date, time, timeZone)) : [];
  if (endDateTime <= startDateTime) return "“To” must be later than “From”.";
  if (!startDateTime && !hoursWorked) return "Enter from and to, or the hours.";
  const time = startDateTime ? { startDateTime, endDateTime } : { dateWorked: date, hoursWorked: Number(hoursWorked) };
  return { tool: "create-time-entry", args: { ticketID: `${ticket.id}`, ...values, ...time } };
}

export async function statusForm(host, ticket) {
  const options = await picklist(host, "Tickets", "status");
  const fields = [choice("status", "Status", options, ticket.status), { name: "resolution", label: "Resolution", type: "textarea" }];
  return { title: "Change the status", fields, call: (values) => updateCall([ticket.id], values) };
}

export async function assignForm(host, ids) {
  const fields = [{ name: "assignedResourceID", label: "Technician, name or e-mail", required: true, suggestions: await technicians(host) }];
  return { title: "Reassign", fields, call: (values) => updateCall(ids, values) };
}

export async function priorityForm(host, ids) {
  const fields = [choice("priority", "Priority", await picklist(host, "Tickets", "priority"))];
  return { title: "Change priority", fields, call: (values) => updateCall(ids, values) };
}

function updateCall(ids, values) {
  return { tool: "update-ticket", args: { ...(ids.length > 1 ? { ids } : { id: `${ids[0]}` }), ...values } };
}
