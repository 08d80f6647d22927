// ui://autotask/ticket: one ticket with its notes, time, checklist and attachments.
import { PARTS, readTicket, ticketCard } from "../shared/card.js";
import { announce, fill } from "../shared/dom.js";
import { createFormats } from "../shared/formats.js";
import { connectHost } from "../shared/host.js";
import { notePanel, problemPanel } from "../shared/problem.js";
import { readResult } from "../shared/result.js";

const view = document.getElementById("view");
let current;

const host = connectHost("ticket", {
  result: showTicket,
  cancelled: () => fill(view, notePanel("Stopped", "The ticket was not read to the end.")),
  context: ({ locale, timeZone }) => current && `${locale} ${timeZone}` !== current.formats && draw(current.data),
});

function draw(data) {
  const { locale, timeZone } = host.context;
  current = { data, formats: `${locale} ${timeZone}` };
  fill(view, ticketCard(host, createFormats(host.context), data));
}

async function showTicket(result) {
  const { data, error = { code: "unreadable", message: "This result is not a ticket." } } = readResult(result);
  if (!data?.item) return fill(view, problemPanel(error));
  draw(data);
  announce(`Ticket ${data.item.ticketNumber ?? data.item.id}`);
  // The model may have asked for fewer parts than the card shows.
  const whole = PARTS.every((part) => data[part]) ? {} : await readTicket(host, data.item.id);
  return whole.data && draw({ ...whole.data, item: { ...whole.data.item, ...data.item } });
}
