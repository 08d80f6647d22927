// A small form in a panel.
import { button, el, focusOn } from "./dom.js";

/// A form of `fields`: {name, label, type, value, options, hint, required, suggestions}. `submit` receives the filled values;
/// a returned text is shown as the reason why it cannot go on.
export function formPanel({ title, fields, action = "Continue to preview", submit, close }) {
  const controls = fields.map((field) => ({ field, control: formControl(field) }));
  const reason = el("p", { class: "reason", role: "alert" });
  const onSubmit = (event) => {
    event.preventDefault();
    const entries = controls.map(({ field, control }) => [field.name, control.value.trim()]);
    const problem = submit(Object.fromEntries(entries.filter(([, value]) => value !== "")));
    reason.textContent = problem ?? "";
  };
  const onKey = (event) => event.key === "Escape" && close();
  return el(
    "form",
    { class: "panel form", on: { submit: onSubmit, keydown: onKey } },
    el("h2", {}, title),
    el("div", { class: "fields" }, controls.map(({ field, control }) => formRow(field, control))),
    reason,
    el("div", { class: "actions" }, el("button", { type: "submit", class: "button primary" }, action), button("Cancel", close)),
  );
}

function formRow(field, control) {
  const suggestions = field.suggestions && el("datalist", { id: `list-${field.name}` }, field.suggestions.map((value) => el("option", { value })));
  const hint = field.hint && el("span", { class: "muted small", id: `hint-${field.name}` }, field.hint);
  return el("div", { class: `field ${field.type === "textarea" ? "wide" : ""}` }, el("label", { for: `field-${field.name}` }, field.label), control, hint, suggestions);
}

function formControl({ name, type = "text", value = "", options = [], hint, required, suggestions }) {
  const props = { id: `field-${name}`, name, required, "aria-describedby": hint && `hint-${name}` };
  if (type === "textarea") return el("textarea", { ...props, rows: "4", value });
  if (type === "select") return el("select", props, options.map((option) => el("option", { value: option.value, selected: String(option.value) === String(value) }, option.label)));
  const list = suggestions && `list-${name}`;
  const step = type === "number" ? "any" : undefined;
  return el("input", { ...props, type, value, list, step, autocomplete: "off" });
}

/// Puts a panel into its place and the focus into its first control.
export function openPanel(place, panel) {
  place.replaceChildren(panel);
  const first = panel.querySelector("textarea, select, input");
  if (first) first.focus();
  else focusOn(panel.querySelector("h2") ?? panel);
  panel.scrollIntoView({ block: "nearest" });
}
