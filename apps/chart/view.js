// ui://autotask/chart: grouped counts as bars, or as lines over time, with their table.
import { chartFigure } from "../shared/chart.js";
import { dataTable } from "../shared/datatable.js";
import { announce, el, fill } from "../shared/dom.js";
import { fieldName } from "../shared/fields.js";
import { createFormats } from "../shared/formats.js";
import { connectHost } from "../shared/host.js";
import { notePanel, problemPanel, warningList } from "../shared/problem.js";
import { readResult } from "../shared/result.js";
import { bucketLabel, chartOf, groupColumns, groupLabel } from "../shared/series.js";

const MAX_OPEN_ROWS = 12;
const view = document.getElementById("view");
const figure = el("div");
let args = {};
let shown;

const host = connectHost("chart", {
  input: (given) => (args = given),
  result: showCounts,
  cancelled: () => fill(view, notePanel("Stopped", "The count was stopped before its result arrived.")),
  context: () => shown && build(),
});
new ResizeObserver(() => shown && drawFigure()).observe(view);

function showCounts(result) {
  const { data, error } = readResult(result);
  if (error) return fill(view, problemPanel(error));
  const { groups = [], queryCount = 0, warnings } = data;
  if (groups.length > 0) {
    shown = { data, key: undefined };
    return build();
  }
  const total = createFormats(host.context).number(queryCount);
  const hint = queryCount ? "Ask for groups, such as by status or by month, to see a chart." : "Ask for another period or another filter in the chat.";
  return fill(view, notePanel(queryCount ? `${total} ${fieldName(args.entity ?? "Records").toLowerCase()}` : "No records match", hint), warningList(warnings));
}

function build() {
  const { groups, queryCount, truncated, warnings } = shown.data;
  const { keys, measures } = groupColumns(groups);
  const choices = measures.filter(({ key }) => !/_n_/.test(key));
  shown.formats = createFormats(host.context);
  shown.key ??= (choices.find(({ key }) => key.startsWith("sum_")) ?? choices.at(-1)).key;
  shown.title = `${fieldName(args.entity ?? "Records")} by ${keys.map(({ label }) => label.toLowerCase()).join(" and ")}`;
  const select = el("select", { id: "measure" }, choices.map(({ key, label }) => el("option", { value: key, selected: key === shown.key }, label)));
  select.addEventListener("change", () => {
    shown.key = select.value;
    drawFigure();
    announce(`Shows ${select.selectedOptions[0].textContent}`);
  });
  const counted = `${shown.formats.number(queryCount)} records${truncated ? `, ${truncated}` : ""}`;
  const table = dataTable([...keys, ...measures], groups, shown.formats, shown.title, (group, key) => bucketLabel(groupLabel(group, key), shown.formats));
  fill(
    view,
    el("header", el("h1", shown.title), el("p.muted", counted)),
    choices.length > 1 && el("div.control", el("label", { for: "measure" }, "Shows"), select),
    figure,
    el("details", { open: groups.length <= MAX_OPEN_ROWS }, el("summary", `Table of ${groups.length} groups`), el("div.scroll", { tabindex: 0, role: "region", "aria-label": "Table of the groups" }, table)),
    warningList(warnings),
  );
  shown.width = 0;
  drawFigure();
}

function drawFigure() {
  const width = Math.max(260, figure.clientWidth);
  if (shown.width === `${width} ${shown.key}`) return;
  shown.width = `${width} ${shown.key}`;
  const measure = groupColumns(shown.data.groups).measures.find(({ key }) => key === shown.key);
  fill(figure, chartFigure(chartOf(shown.data, measure, shown.formats), width, `${shown.title}: ${measure.label}`, shown.formats));
}
