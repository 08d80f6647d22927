// ui://autotask/ticket: one ticket with its notes, time, checklist and attachments.
import { cardProblem, isComplete, readTicket, ticketCard } from "../shared/card.js";
import { announce, fill } from "../shared/dom.js";
import { createFormats } from "../shared/formats.js";
import { connectHost } from "../shared/host.js";
import { notePanel } from "../shared/problem.js";
import { readResult } from "../shared/result.js";

const view = document.getElementById("view");
let shown = createFormats({});
let current;

const host = connectHost("ticket", {
  result: showTicket,
  cancelled: () => fill(view, notePanel("Stopped", "The ticket was not read to the end.")),
  context: changeFormats,
});

function changeFormats(context) {
  const formats = createFormats(context);
  if (formats.locale === shown.locale && formats.timeZone === shown.timeZone) return;
  shown = formats;
  if (current) draw(current);
}

function draw(data) {
  current = data;
  fill(view, ticketCard(host, shown, data));
}

async function showTicket(result) {
  const read = readResult(result);
  if (read.kind !== "data" || !read.data.item) return fill(view, cardProblem(read.error ?? { code: "unreadable", message: "This result is not a ticket." }));
  draw(read.data);
  announce(`Ticket ${read.data.item.ticketNumber ?? read.data.item.id}`);
  if (isComplete(read.data)) return undefined;
  // The model may have asked for fewer parts than the card shows.
  const whole = await readTicket(host, read.data.item.id);
  if (whole.kind === "data") draw({ ...whole.data, item: { ...whole.data.item, ...read.data.item } });
  return undefined;
}
