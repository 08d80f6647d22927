// The table of tickets: rows are created once, moved afterwards, and share one listener.
import { ageOf, labelOf, lateness } from "../shared/board.js";
import { latenessBadge, priorityBadge } from "../shared/card.js";
import { announce, badge, el, fill } from "../shared/dom.js";

const AGE_TONES = { old: "danger", aging: "warning", new: "plain" };
const COLUMNS = [
  { key: "title", label: "Ticket" },
  { key: "status", label: "Status" },
  { key: "assignedResourceID", label: "Technician" },
  { key: "priority", label: "Priority" },
  { key: "created", label: "Age" },
  { key: "due", label: "Due" },
];

/// `events` has open(ticket, opener), sorted() and selected().
export function createTable(board, events) {
  let rows = new WeakMap();
  let scrolled = 0;
  let shown = [];
  const all = el("input", { type: "checkbox", "aria-label": "Select all shown tickets" });
  const headers = COLUMNS.map(({ key, label }) => el("th", { role: "columnheader", scope: "col" }, el("button", { type: "button", class: "sort", "data-sort": key }, label)));
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, el("th", { role: "columnheader", class: "select" }, all), headers));
  const table = el("table", { class: "board", role: "table", "aria-label": "Tickets" }, head);
  const node = el("div", { class: "scroll board-scroll", tabindex: "0", role: "region", "aria-label": "List of tickets" }, table);

  const rowOf = (ticket) => {
    if (!rows.has(ticket)) rows.set(ticket, ticketRow(ticket, board));
    return rows.get(ticket);
  };
  const find = (element) => board.tickets.find((ticket) => ticket.id === Number(element.closest("[data-id]")?.dataset.id));
  const markSelection = () => {
    for (const ticket of shown) {
      const row = rowOf(ticket);
      const chosen = board.selected.has(ticket.id);
      row.classList.toggle("chosen", chosen);
      row.querySelector("input").checked = chosen;
    }
    const count = shown.filter((ticket) => board.selected.has(ticket.id)).length;
    all.checked = shown.length > 0 && count === shown.length;
    all.indeterminate = count > 0 && count < shown.length;
  };
  const select = (tickets, chosen) => {
    for (const { id } of tickets) chosen ? board.selected.add(id) : board.selected.delete(id);
    markSelection();
    events.selected();
    announce(`${board.selected.size} selected`);
  };

  table.addEventListener("change", ({ target }) => (target === all ? select(shown, all.checked) : select([find(target)], target.checked)));
  table.addEventListener("click", ({ target }) => {
    const key = target.closest("[data-sort]")?.dataset.sort;
    if (key) return sortBy(board, key, events.sorted);
    if (target.closest(".select") || String(window.getSelection()) !== "") return undefined;
    const ticket = find(target);
    return ticket && events.open(ticket);
  });

  const show = (groups) => {
    shown = groups.flatMap((group) => group.tickets);
    const bodies = groups.map(({ title, tickets }) => el("tbody", { role: "rowgroup" }, title && groupRow(title, tickets, board), tickets.map(rowOf)));
    const none = shown.length === 0 && el("tbody", { role: "rowgroup" }, el("tr", { role: "row", class: "none" }, el("td", { role: "cell", class: "muted" }, "No ticket matches these filters.")));
    fill(table, head, bodies, none);
    headers.forEach((header, at) => header.setAttribute("aria-sort", sortOf(board, COLUMNS[at].key)));
    markSelection();
  };
  return {
    node,
    show,
    markSelection,
    forget: (ticket) => (ticket ? rows.delete(ticket) : (rows = new WeakMap())),
    keepScroll: () => (scrolled = node.scrollTop),
    restoreScroll: () => (node.scrollTop = scrolled),
    focusTicket: (id) => table.querySelector(`[data-id="${Number(id)}"] .open`)?.focus({ preventScroll: true }),
  };
}

function sortBy(board, key, sorted) {
  board.order = { key, descending: board.order.key === key && !board.order.descending };
  const { label } = COLUMNS.find((column) => column.key === key);
  sorted();
  announce(`Sorted by ${label.toLowerCase()}, ${board.order.descending ? "descending" : "ascending"}`);
}

function sortOf(board, key) {
  if (board.order.key !== key) return "none";
  return board.order.descending ? "descending" : "ascending";
}

function groupRow(title, tickets, board) {
  const now = Date.now();
  const late = tickets.filter((ticket) => lateness(ticket, now, board.formats).level === "late").length;
  return el("tr", { role: "row", class: "group" }, el("th", { role: "rowheader", scope: "rowgroup" }, el("span", {}, title), el("span", { class: "muted" }, String(tickets.length)), late > 0 && badge(`${late} late`, "danger")));
}

function ticketRow(ticket, board) {
  const now = Date.now();
  const age = ageOf(ticket, now);
  const place = [ticket.ticketNumber, labelOf(ticket, "companyID")].filter(Boolean).join(" · ");
  const cell = (kind, ...children) => el("td", { role: "cell", class: kind }, children);
  return el(
    "tr",
    { role: "row", "data-id": ticket.id },
    cell("select", el("input", { type: "checkbox", "aria-label": `Select ${ticket.ticketNumber}` })),
    el("th", { role: "rowheader", scope: "row", class: "ticket" }, el("button", { type: "button", class: "open" }, ticket.title || "No title"), el("span", { class: "second" }, place)),
    cell("status", el("span", { class: "first" }, labelOf(ticket, "status")), el("span", { class: "second" }, labelOf(ticket, "queueID"))),
    cell("technician", el("span", { class: ticket.assignedResourceID === undefined ? "unassigned" : "first" }, labelOf(ticket, "assignedResourceID"))),
    cell("priority", priorityBadge(ticket)),
    cell("age", badge(age.text, `bare ${AGE_TONES[age.level]}`)),
    cell("due", latenessBadge(ticket, now, board.formats)),
  );
}
