// A small form in a panel.
import { button, el } from "./dom.js";

/// A form of `fields`: {name, label, type, value, options, required, suggestions}. `submit` receives the filled values;
/// a text that it returns is shown as the reason why it cannot go on. Hosts block real forms, so this is none.
export function formPanel({ title, text, fields, submit, close }) {
  const controls = fields.map((field) => formControl(field));
  const reason = el("p.reason", { role: "alert" });
  const go = () => {
    if (!controls.every((control) => control.reportValidity())) return;
    const entries = controls.map(({ name, value }) => [name, value.trim()]);
    reason.textContent = submit(Object.fromEntries(entries.filter(([, value]) => value))) ?? "";
  };
  const keydown = ({ key, target }) => {
    if (key === "Escape") close?.();
    // Where there are suggestions, Enter picks one of them.
    if (key === "Enter" && target.matches("input:not([list])")) go();
  };
  return el(
    "section.panel",
    { role: "form", "aria-label": title, on: { keydown } },
    el("h2", title),
    text && el("p", text),
    el("div.fields", fields.map((field, at) => formRow(field, controls[at]))),
    reason,
    el("div.actions", button("Continue to preview", go, ".primary"), close && button("Cancel", close)),
  );
}

function formRow({ name, label, type, suggestions }, control) {
  const list = suggestions && el("datalist", { id: `list-${name}` }, suggestions.map((value) => el("option", { value })));
  return el(type === "textarea" ? "div.field.wide" : "div.field", el("label", { for: control.id }, label), control, list);
}

function formControl({ name, type = "text", value = "", options, required, suggestions }) {
  const props = { id: `field-${name}`, name, required };
  if (type === "textarea") return el("textarea", { ...props, rows: 4, value });
  if (!options?.length) return el("input", { ...props, type, value, list: suggestions && `list-${name}`, step: type === "number" && "any", autocomplete: "off" });
  return el("select", props, options.map((option) => el("option", { value: option.value, selected: option.value === value }, option.label)));
}

/// Puts a form into its place and the focus into its first control.
export function openPanel(place, panel) {
  place.replaceChildren(panel);
  panel.querySelector("textarea, select, input").focus();
  panel.scrollIntoView({ block: "nearest" });
}
