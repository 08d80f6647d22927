// The table of tickets: rows are created once, moved afterwards, and share one listener.
import { ORDERS, ageOf, isLate, labelOf } from "../shared/board.js";
import { latenessBadge, priorityBadge } from "../shared/card.js";
import { announce, badge, el, fill } from "../shared/dom.js";

const COLUMNS = ["title", "status", "assignedResourceID", "priority", "created", "due"];

/// `events` has open(ticket), sorted() and selected().
export function createTable(board, events) {
  let rows = new WeakMap();
  let shown = [];
  let scrolled = 0;
  const all = el("input", { type: "checkbox", "aria-label": "Select all shown tickets" });
  const headers = COLUMNS.map((key) => el(`th.${key}`, el("button.sort", { type: "button", "data-sort": key }, ORDERS[key])));
  const head = el("thead", el("tr", el("th.select", all), headers));
  const table = el("table.board", { role: "table", "aria-label": "Tickets" });
  const node = el("div.scroll.board-scroll", { tabindex: 0, role: "region", "aria-label": "List of tickets" }, table);

  const rowOf = (ticket) => {
    if (!rows.has(ticket)) rows.set(ticket, ticketRow(ticket, board));
    return rows.get(ticket);
  };
  const ticketAt = (target) => board.tickets.find(({ id }) => `${id}` === target.closest("[data-id]")?.dataset.id);
  const markSelection = () => {
    let count = 0;
    for (const ticket of shown) {
      const chosen = board.selected.has(ticket.id);
      count += chosen;
      rowOf(ticket).classList.toggle("chosen", chosen);
      rowOf(ticket).firstChild.firstChild.checked = chosen;
    }
    all.checked = count > 0 && count === shown.length;
    all.indeterminate = count > 0 && count < shown.length;
  };
  const change = ({ target }) => {
    for (const { id } of target === all ? shown : [ticketAt(target)]) board.selected[target.checked ? "add" : "delete"](id);
    markSelection();
    events.selected();
    announce(`${board.selected.size} selected`);
  };
  const click = ({ target }) => {
    const { sort } = target.dataset;
    const ticket = ticketAt(target);
    if (sort) sortBy(sort);
    else if (ticket && !target.closest(".select") && `${getSelection()}` === "") {
      scrolled = node.scrollTop;
      events.open(ticket);
    }
  };
  const sortBy = (key) => {
    board.order = { key, descending: board.order.key === key && !board.order.descending };
    events.sorted();
    announce(`Sorted by ${ORDERS[key].toLowerCase()}, ${direction(board.order)}`);
  };
  table.addEventListener("change", change);
  table.addEventListener("click", click);

  return {
    node,
    markSelection,
    show: (groups) => {
      shown = groups.flatMap(([, tickets]) => tickets);
      const bodies = groups.map(([title, tickets]) => el("tbody", title && groupRow(title, tickets), tickets.map(rowOf)));
      const none = el("tbody", el("tr.none", el("td.muted", "No ticket matches these filters.")));
      fill(table, head, shown.length ? bodies : none);
      setRoles(table);
      headers.forEach((header, at) => header.setAttribute("aria-sort", COLUMNS[at] === board.order.key ? direction(board.order) : "none"));
      markSelection();
    },
    forget: (ticket) => (ticket ? rows.delete(ticket) : (rows = new WeakMap())),
    returnTo: (ticket) => {
      node.scrollTop = scrolled;
      rowOf(ticket).querySelector(".open").focus({ preventScroll: true });
    },
  };
}

function direction({ descending }) {
  return descending ? "descending" : "ascending";
}

/// Names the roles that a table loses when its parts are laid out as a grid.
function setRoles(table) {
  const roles = { "thead, tbody": "rowgroup", tr: "row", "thead th": "columnheader", "tbody th": "rowheader", td: "cell" };
  for (const selector in roles) for (const node of table.querySelectorAll(`${selector}:not([role])`)) node.setAttribute("role", roles[selector]);
}

function groupRow(title, tickets) {
  const late = tickets.filter((ticket) => isLate(ticket, Date.now())).length;
  return el("tr.group", el("th.head", el("b", title), el("span.muted", `${tickets.length}`), late > 0 && badge(`${late} late`, "danger")));
}

function ticketRow(ticket, { formats }) {
  const { id, ticketNumber, title, assignedResourceID } = ticket;
  const [age, tone] = ageOf(ticket, Date.now());
  return el(
    "tr",
    { "data-id": id },
    el("td.select", el("input", { type: "checkbox", "aria-label": `Select ${ticketNumber}` })),
    el("th.ticket", { title }, el("button.open", { type: "button" }, title || "No title"), el("small", `${ticketNumber} · ${labelOf(ticket, "companyID")}`)),
    el("td.status", { title: labelOf(ticket, "status") }, el("span", labelOf(ticket, "status")), el("small", labelOf(ticket, "queueID"))),
    el(assignedResourceID ? "td.technician" : "td.technician.unassigned", el("span", labelOf(ticket, "assignedResourceID"))),
    el("td.priority", priorityBadge(ticket)),
    el("td.age", badge(age, `bare.${tone}`)),
    el("td.due", latenessBadge(ticket, formats)),
  );
}
