// An error as what happened, what is accepted, and the next step.
import { button, el } from "./dom.js";

/// The panel of an error; `actions` are buttons beneath it.
export function problemPanel(error, actions = []) {
  const wait = error.retryAfterSeconds ? `Try again in ${error.retryAfterSeconds} seconds.` : undefined;
  const lines = [["Accepted", error.accepted], ["Next", error.next], ["Wait", wait]];
  return el(
    "section",
    { class: "panel problem", role: "alert" },
    el("h2", {}, error.message || "This did not work."),
    el("dl", { class: "lines" }, lines.filter(([, text]) => text).map(([name, text]) => [el("dt", {}, name), el("dd", {}, text)])),
    el("p", { class: "muted small" }, `Error code: ${error.code}`),
    actions.length > 0 && el("div", { class: "actions" }, actions),
  );
}

/// What a list without entries says.
export function emptyNote(title, hint) {
  return el("div", { class: "empty" }, el("p", { class: "strong" }, title), hint && el("p", { class: "muted" }, hint));
}

/// The messages that come with a result, such as what was assumed.
export function warningList(warnings = []) {
  return warnings.length > 0 && el("ul", { class: "warnings", "aria-label": "Notes about this result" }, warnings.map((text) => el("li", {}, text)));
}

/// A form control in a panel for the values that an error asks for; `onChosen` receives {field: value}.
export function choicePanel(error, choices, nameOf, onChosen, onClose) {
  const selects = choices.map(({ field, options }) => {
    const select = el("select", { id: `choice-${field}` }, options.map(({ value, label }) => el("option", { value }, label)));
    return { field, select, row: el("div", { class: "field" }, el("label", { for: `choice-${field}` }, nameOf(field)), select) };
  });
  const submit = () => onChosen(Object.fromEntries(selects.map(({ field, select }) => [field, select.value])));
  return el(
    "section",
    { class: "panel" },
    el("h2", {}, "One more choice is needed"),
    el("p", {}, error.message),
    selects.map(({ row }) => row),
    el("div", { class: "actions" }, button("Continue to preview", submit, "primary"), button("Cancel", onClose)),
  );
}

/// A panel with a title and a sentence.
export function notePanel(title, text) {
  return el("section", { class: "panel" }, el("h2", {}, title), el("p", {}, text));
}
