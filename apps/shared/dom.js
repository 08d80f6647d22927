// Elements and the live region. Text from the tenant only ever becomes a text node or a plain attribute.

const PROPERTIES = new Set(["checked", "disabled", "indeterminate", "value", "selected"]);

/// Creates an element. `on` holds listeners; values of `undefined`, `null` and `false` are left out.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

/// Replaces the content of `node`.
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

function present(children) {
  return children.flat(3).filter((child) => child !== undefined && child !== null && child !== false);
}

export function button(label, onClick, kind = "") {
  return el("button", { type: "button", class: `button ${kind}`, on: { click: onClick } }, label);
}

/// A label of a few words in a color; the words alone carry the meaning.
export function badge(text, tone = "plain") {
  return el("span", { class: `badge ${tone}` }, text);
}

/// Reads `text` out through the view's live region.
export function announce(text) {
  const region = document.getElementById("status");
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

/// Moves the focus to a heading or panel that is no control itself.
export function focusOn(node) {
  node.setAttribute("tabindex", "-1");
  node.focus({ preventScroll: true });
  node.scrollIntoView?.({ block: "nearest" });
}
