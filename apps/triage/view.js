// ui://autotask/triage: the found tickets as a board to sort, filter, group, select and open.
import { assignForm, openForm, priorityForm } from "../shared/actions.js";
import { applyChanges, csvColumns, filterTickets, groupTickets, sortTickets } from "../shared/board.js";
import { cardProblem, readTicket, ticketCard } from "../shared/card.js";
import { toCsv } from "../shared/csv.js";
import { announce, button, el, fill, focusOn } from "../shared/dom.js";
import { createFormats } from "../shared/formats.js";
import { callTool, canExpand, connectHost, download, informModel } from "../shared/host.js";
import { emptyNote, notePanel, problemPanel, warningList } from "../shared/problem.js";
import { readResult } from "../shared/result.js";
import { createFilters } from "./filters.js";
import { createTable } from "./table.js";

const MAX_IDS = 50;
const MAX_REPORTED = 50;
const view = document.getElementById("view");
const board = { args: {}, tickets: [], selected: new Set(), order: { key: "due", descending: false }, group: "", filter: {}, formats: createFormats({}) };
const parts = {};

const host = connectHost("triage", {
  input: (given) => (board.args = given),
  result: receive,
  cancelled: () => fill(view, notePanel("Stopped", "The search was stopped before its result arrived.")),
  context: changeFormats,
});

function changeFormats(context) {
  const formats = createFormats(context);
  if (formats.locale === board.formats.locale && formats.timeZone === board.formats.timeZone) return;
  board.formats = formats;
  parts.table?.forget();
  if (parts.table) render();
}

function receive(result) {
  const read = readResult(result);
  if (read.kind !== "data") return fill(view, problemPanel(read.error));
  board.tickets = read.data.items ?? [];
  board.page = read.data;
  if (board.tickets.length === 0) return showEmpty();
  build();
  render();
}

function showEmpty() {
  fill(view, emptyNote("No tickets match", "Ask for other tickets in the chat, for example with another status or a longer period."), warningList(board.page.warnings));
  announce("No tickets match.");
}

function build() {
  parts.filters = createFilters(board, render);
  parts.table = createTable(board, { open: openTicket, sorted: render, selected: showSelection });
  parts.place = el("div", { class: "place" });
  parts.selection = el("div", { class: "toolbar selection", role: "group", "aria-label": "Selected tickets" });
  parts.summary = el("p", { class: "muted" });
  parts.footer = el("div", { class: "toolbar footer" });
  const expand = canExpand(host) && button("Full screen", () => host.request("ui/request-display-mode", { mode: "fullscreen" }).catch(() => {}), "quiet");
  parts.header = el("div", { class: "board-header" }, el("h1", {}, "Tickets"), parts.summary, el("div", { class: "toolbar" }, button("Download CSV", saveCsv, "quiet"), expand));
  showBoard();
}

function showBoard() {
  fill(view, parts.header, warningList(board.page.warnings), parts.filters.node, parts.selection, parts.place, parts.table.node, parts.footer);
}

function visibleTickets() {
  const filtered = filterTickets(board.tickets, board.filter, Date.now());
  return sortTickets(filtered, board.order, board.formats.collator);
}

function render() {
  const tickets = visibleTickets();
  parts.filters.update();
  parts.table.show(groupTickets(tickets, board.group, board.formats.collator));
  const more = board.page.hasMore ? ", more on the next page" : "";
  const all = board.tickets.length;
  const text = tickets.length === all ? `${all} tickets${more}` : `${tickets.length} of ${all} tickets${more}`;
  if (parts.summary.textContent && parts.summary.textContent !== text) announce(text);
  parts.summary.textContent = text;
  fill(parts.footer, board.page.hasMore && board.page.cursor && button("Load the next page", loadNext));
  parts.footer.hidden = parts.footer.childElementCount === 0;
  showSelection();
}

function showSelection() {
  const ids = selectedIds();
  const open = (event, makeForm) => openBulk(event.currentTarget, makeForm, ids);
  const tooMany = ids.length > MAX_IDS && el("span", { class: "reason" }, `At most ${MAX_IDS} tickets can be changed at once.`);
  const clear = () => {
    board.selected.clear();
    parts.table.markSelection();
    showSelection();
  };
  const actions = [button("Reassign", (event) => open(event, assignForm)), button("Change priority", (event) => open(event, priorityForm))];
  parts.selection.hidden = ids.length === 0;
  fill(parts.selection, el("span", { class: "strong" }, `${ids.length} selected`), tooMany || actions, button("Clear selection", clear, "quiet"));
  reportSelection(ids);
}

function selectedIds() {
  return board.tickets.filter((ticket) => board.selected.has(ticket.id)).map((ticket) => ticket.id);
}

/// Tells the model what is selected, by numbers only: titles are the tenant's text.
function reportSelection(ids) {
  if (!ids.length && !board.reported) return;
  clearTimeout(board.reporting);
  board.reported = ids.length > 0;
  const numbers = board.tickets.filter((ticket) => board.selected.has(ticket.id)).slice(0, MAX_REPORTED).map((ticket) => `${ticket.ticketNumber} (id ${ticket.id})`);
  board.reporting = setTimeout(() => informModel(host, ids.length ? `Selected in the ticket list: ${numbers.join(", ")}` : "No ticket is selected in the list."), 500);
}

async function openBulk(opener, makeForm, ids) {
  const after = (data, preview) => {
    applyChanges(board.tickets, data, preview?.labels);
    parts.table.forget();
    render();
  };
  openForm({ host, formats: board.formats, place: parts.place, after, closed: () => opener.isConnected && opener.focus() }, await makeForm(host, ids));
}

async function loadNext(event) {
  event.currentTarget.disabled = true;
  announce("Loading the next page");
  const read = readResult(await callTool(host, "search-tickets", { ...board.args, cursor: board.page.cursor }));
  if (read.kind !== "data") {
    event.target.disabled = false;
    return fill(parts.place, problemPanel(read.error, [button("Close", () => fill(parts.place))]));
  }
  const known = new Set(board.tickets.map((ticket) => ticket.id));
  board.tickets.push(...read.data.items.filter((ticket) => !known.has(ticket.id)));
  board.page = { ...read.data, link: read.data.link ?? board.page.link };
  render();
  focusOn(parts.header.querySelector("h1"));
}

async function openTicket(ticket, opener) {
  const back = () => {
    showBoard();
    render();
    parts.table.restoreScroll();
    parts.table.focusTicket(ticket.id);
  };
  parts.table.keepScroll();
  fill(view, el("p", { class: "muted waiting" }, `Loading ${ticket.ticketNumber} …`));
  const show = (read) => {
    if (read.kind !== "data") return fill(view, cardProblem(read.error, back));
    const changed = (item) => {
      Object.assign(ticket, item);
      parts.table.forget(ticket);
    };
    changed(read.data.item);
    fill(view, ticketCard(host, board.formats, read.data, { back, changed }));
    focusOn(view.querySelector("h1"));
  };
  show(await readTicket(host, ticket.id));
}

async function saveCsv() {
  const text = toCsv(csvColumns(board.page.link), visibleTickets());
  if (await download(host, { uri: "file:///tickets.csv", mimeType: "text/csv", text })) return announce("The list was downloaded.");
  const area = el("textarea", { class: "csv", rows: "8", readonly: true, "aria-label": "The list as CSV", value: text });
  const copy = () => {
    area.select();
    const copied = document.execCommand("copy");
    announce(copied ? "Copied." : "Press Ctrl+C to copy the selected text.");
  };
  fill(parts.place, el("section", { class: "panel" }, el("h2", {}, "The list as CSV"), el("p", {}, "This client does not download files. Copy the text into a file named tickets.csv."), area, el("div", { class: "actions" }, button("Copy", copy, "primary"), button("Close", () => fill(parts.place)))));
  area.focus();
  area.select();
}
