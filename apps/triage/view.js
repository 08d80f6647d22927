// ui://autotask/triage: the found tickets as a board to sort, filter, group, select and open.
import { assignForm, openForm, priorityForm } from "../shared/actions.js";
import { applyChanges, csvColumns, filterTickets, groupTickets, sortTickets } from "../shared/board.js";
import { readTicket, ticketCard } from "../shared/card.js";
import { toCsv } from "../shared/csv.js";
import { announce, button, el, fill, focusOn, waiting } from "../shared/dom.js";
import { createFormats } from "../shared/formats.js";
import { callTool, connectHost, download, informModel } from "../shared/host.js";
import { notePanel, problemPanel, warningList } from "../shared/problem.js";
import { readResult } from "../shared/result.js";
import { createFilters } from "./filters.js";
import { createTable } from "./table.js";

const MAX_IDS = 50;
const view = document.getElementById("view");
const board = { args: {}, tickets: [], selected: new Set(), order: { key: "due" }, group: "", filter: { text: "", chosen: {} }, formats: createFormats() };
const filters = createFilters(board, render);
const table = createTable(board, { open: openTicket, sorted: render, selected: showSelection });
const [header, summary, selection, place, footer] = ["div.board-header", "p.muted", "div.actions.selection", "div.place", "div.actions"].map((name) => el(name));

const host = connectHost("triage", {
  input: (args) => Object.assign(board, { args }),
  result: receive,
  cancelled: () => fill(view, notePanel("Stopped", "The search was stopped.")),
  context: (context) => {
    const formats = createFormats(context);
    if (formats.locale + formats.timeZone === board.formats.locale + board.formats.timeZone) return;
    board.formats = formats;
    table.forget();
    if (board.page) render();
  },
});

function receive(result) {
  const { data, error } = readResult(result);
  if (error) return fill(view, problemPanel(error));
  board.page = data;
  board.tickets = data.items ?? [];
  if (board.tickets.length === 0) {
    announce("No tickets match.");
    return fill(view, notePanel("No tickets match", "Ask with another status or a longer period."), warningList(data.warnings));
  }
  fill(header, el("h1", "Tickets"), summary, button("Download CSV", saveCsv, ".quiet"));
  render();
  return showBoard();
}

function showBoard() {
  fill(view, header, warningList(board.page.warnings), filters.node, selection, place, table.node, footer);
}

function visibleTickets() {
  return sortTickets(filterTickets(board.tickets, board.filter, Date.now()), board.order, board.formats.collator);
}

function render() {
  const { tickets, page, group, formats } = board;
  const visible = visibleTickets();
  const text = `${visible.length === tickets.length ? "" : `${visible.length} of `}${tickets.length} tickets${page.hasMore ? ", more on the next page" : ""}`;
  filters.update();
  table.show(groupTickets(visible, group, formats.collator));
  if (summary.textContent !== text) announce(text);
  summary.textContent = text;
  fill(footer, page.cursor && page.hasMore && button("Load the next page", loadNext));
  showSelection();
}

function showSelection() {
  const chosen = board.tickets.filter(({ id }) => board.selected.has(id));
  const ids = chosen.map(({ id }) => id);
  const action = (label, makeForm) => button(label, ({ currentTarget }) => openForm({ host, formats: board.formats, place, done: applied }, currentTarget, makeForm, ids));
  const clear = () => {
    board.selected.clear();
    table.markSelection();
    showSelection();
  };
  selection.hidden = ids.length === 0;
  const actions = ids.length > MAX_IDS ? el("span.reason", `At most ${MAX_IDS} tickets can be changed at once.`) : [action("Reassign", assignForm), action("Change priority", priorityForm)];
  fill(selection, el("b", `${ids.length} selected`), actions, button("Clear selection", clear, ".quiet"));
  reportSelection(chosen);
}

/// Informs the model of what is selected, by numbers only: titles are the tenant's text.
function reportSelection(chosen) {
  const text = `Tickets selected in the list: ${chosen.map(({ ticketNumber }) => ticketNumber).join(", ") || "none"}`;
  clearTimeout(board.reporting);
  if (text !== board.reported && (board.reported || chosen.length)) board.reporting = setTimeout(informModel, 500, host, (board.reported = text));
}

function applied(data, preview) {
  applyChanges(board.tickets, data, preview?.labels);
  table.forget();
  render();
}

async function loadNext({ target }) {
  target.disabled = true;
  const { data, error } = readResult(await callTool(host, "search-tickets", { ...board.args, cursor: board.page.cursor }));
  target.disabled = false;
  if (error) return fill(place, problemPanel(error, button("Close", () => fill(place))));
  const known = new Set(board.tickets.map(({ id }) => id));
  board.tickets.push(...data.items.filter(({ id }) => !known.has(id)));
  board.page = { link: board.page.link, ...data };
  render();
  return focusOn(header.firstChild);
}

async function openTicket(ticket) {
  const back = () => {
    showBoard();
    render();
    table.returnTo(ticket);
  };
  const changed = (item) => {
    Object.assign(ticket, item);
    table.forget(ticket);
  };
  fill(view, waiting(`Loading ${ticket.ticketNumber}`));
  const { data, error } = await readTicket(host, ticket.id);
  if (error) fill(view, problemPanel(error, button("Back to the list", back)));
  else {
    changed(data.item);
    fill(view, ticketCard(host, board.formats, data, { back, changed }));
  }
  focusOn(view.querySelector("h1, h2"));
}

async function saveCsv() {
  const text = toCsv(csvColumns(board.page.link), visibleTickets());
  if (await download(host, { uri: "file:///tickets.csv", mimeType: "text/csv", text })) return announce("Downloaded.");
  const area = el("textarea", { rows: 8, readonly: true, "aria-label": "The list as CSV", value: text });
  const copy = () => {
    area.select();
    announce(document.execCommand("copy") ? "Copied." : "Press Ctrl+C to copy it.");
  };
  const panel = notePanel("The list as CSV", "It was not downloaded. Copy the text into a file named tickets.csv.");
  panel.append(area, el("div.actions", button("Copy", copy, ".primary"), button("Close", () => fill(place))));
  fill(place, panel);
  return focusOn(panel.querySelector("h2"));
}
