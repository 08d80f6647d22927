// Panels that say what happened: an error, an empty list, a note.
import { el } from "./dom.js";

/// An error as what happened, what is accepted, and the next step; `actions` are buttons beneath it.
export function problemPanel({ code, message, accepted, next }, actions) {
  const lines = [["Accepted", accepted], ["Next", next]].filter(([, text]) => text);
  return el(
    "section.panel.problem",
    { role: "alert" },
    el("h2", message),
    el("dl.lines", lines.map(([name, text]) => [el("dt", name), el("dd", text)])),
    el("p.muted.small", `Error code: ${code}`),
    actions && el("div.actions", actions),
  );
}

/// The messages that come with a result, such as what was assumed.
export function warningList(warnings = []) {
  return warnings.length > 0 && el("ul.warnings", warnings.map((text) => el("li", text)));
}

/// A panel with a title and a sentence.
export function notePanel(title, text) {
  return el("section.panel", el("h2", title), el("p", text));
}
