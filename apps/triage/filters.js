// The row of controls above the tickets: search, filters, grouping and order.
import { facetOf, GROUPS, ORDERS } from "../shared/board.js";
import { el, fill } from "../shared/dom.js";

const FACETS = [["status", "Status"], ["queueID", "Queue"], ["assignedResourceID", "Technician"], ["companyID", "Company"], ["priority", "Priority"]];
const SEARCH_DELAY = 120;

export function createFilters(board, changed) {
  board.filter = { text: "", chosen: {}, lateOnly: false };
  let waiting;
  const search = el("input", { type: "search", id: "search", placeholder: "Title, number, company, technician", autocomplete: "off" });
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      board.filter.text = search.value;
      changed();
    }, SEARCH_DELAY);
  });
  const facets = FACETS.map(([key, label]) => ({ key, label, select: el("select", { id: `facet-${key}`, "data-facet": key }) }));
  const late = el("input", { type: "checkbox", id: "late" });
  const group = el("select", { id: "group" }, GROUPS.map(({ key, label }) => el("option", { value: key }, label)));
  const order = el("select", { id: "order" }, ORDERS.map(({ key, label }) => el("option", { value: key }, label)));
  const node = el(
    "form",
    { class: "filters", role: "search", "aria-label": "Filter the tickets" },
    control("search", "Search", search, "grow"),
    facets.map(({ key, label, select }) => control(`facet-${key}`, label, select)),
    control("group", "Group by", group),
    control("order", "Sort by", order),
    el("label", { class: "check", for: "late" }, late, "Late only"),
  );
  node.addEventListener("submit", (event) => event.preventDefault());
  node.addEventListener("change", ({ target }) => {
    if (target.dataset.facet) board.filter.chosen[target.dataset.facet] = target.value;
    board.filter.lateOnly = late.checked;
    board.group = group.value;
    if (target === order) board.order = { key: order.value, descending: false };
    if (target !== search) changed();
  });
  const update = () => {
    order.value = board.order.key;
    for (const { key, label, select } of facets) fillFacet(board, key, label, select);
  };
  return { node, update };
}

function control(id, label, node, kind = "") {
  return el("div", { class: `control ${kind}` }, el("label", { for: id }, label), node);
}

function fillFacet(board, key, label, select) {
  const values = facetOf(board.tickets, key, board.formats.collator);
  const chosen = board.filter.chosen[key] ?? "";
  const signature = JSON.stringify(values);
  if (select.dataset.values === signature) return;
  select.dataset.values = signature;
  const options = values.map((value) => el("option", { value: value.label, selected: value.label === chosen }, `${value.label} (${value.count})`));
  fill(select, el("option", { value: "" }, "All"), options);
  select.value = chosen;
  if (select.value !== chosen) board.filter.chosen[key] = select.value = "";
}
