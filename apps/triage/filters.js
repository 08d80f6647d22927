// The row of controls above the tickets: search, filters, grouping and order.
import { FACETS, ORDERS, facetOf } from "../shared/board.js";
import { el, fill } from "../shared/dom.js";

const SEARCH_DELAY_MS = 120;

/// The controls of `board`; `changed()` follows each change. `update()` shows the values that occur.
export function createFilters(board, changed) {
  let timer;
  const listeners = {
    input: ({ target }) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        board.filter.text = target.value;
        changed();
      }, SEARCH_DELAY_MS);
    },
  };
  const search = el("input", { type: "search", id: "search", autocomplete: "off", on: listeners });
  const facets = Object.keys(FACETS).map((key) => [key, el("select", { id: `facet-${key}`, "data-facet": key })]);
  const late = el("input", { type: "checkbox", id: "late" });
  const { priority, ...groups } = FACETS;
  const group = el("select", { id: "group" }, optionsOf({ "": "No groups", ...groups }));
  const order = el("select", { id: "order" }, optionsOf(ORDERS));
  const change = ({ target }) => {
    if (target === search) return;
    const { facet } = target.dataset;
    if (facet) board.filter.chosen[facet] = target.value;
    if (target === order) board.order = { key: order.value };
    board.filter.lateOnly = late.checked;
    board.group = group.value;
    changed();
  };
  const node = el(
    "div.filters",
    { role: "search", "aria-label": "Filter the tickets", on: { change } },
    control("Search", search),
    facets.map(([key, select]) => control(FACETS[key], select)),
    control("Group by", group),
    control("Sort by", order),
    el("label.check", late, "Late only"),
  );
  const update = () => {
    order.value = board.order.key;
    for (const [key, select] of facets) fillFacet(board, key, select);
  };
  return { node, update };
}

function control(label, node) {
  return el(`div.control.${node.id}`, el("label", { for: node.id }, label), node);
}

function optionsOf(labels) {
  return Object.entries(labels).map(([value, label]) => el("option", { value }, label));
}

function fillFacet({ tickets, filter, formats }, key, select) {
  const values = facetOf(tickets, key, formats.collator);
  fill(select, el("option", { value: "" }, "All"), values.map(([value, count]) => el("option", { value }, `${value} (${count})`)));
  select.value = filter.chosen[key] ?? "";
  if (select.selectedIndex < 0) filter.chosen[key] = select.value = "";
}
