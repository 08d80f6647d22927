// Elements and the live region. Text from the tenant only ever becomes a text node or a plain attribute.

const PROPERTIES = ["checked", "disabled", "value", "selected"];

/// Creates an element such as `el("p.muted", { id: "note" }, "Text", child)`; properties may be left out.
/// `on` holds listeners. Values and children of `undefined`, `null` and `false` are left out.
export function el(name, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  const props = children[0]?.constructor === Object ? children.shift() : {};
  for (const [key, value] of Object.entries(props).filter(([, value]) => isPresent(value))) {
    if (key === "on") for (const event in value) node.addEventListener(event, value[event]);
    else if (PROPERTIES.includes(key)) node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  return fill(node, children);
}

/// Replaces the content of `node`.
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(4).filter(isPresent));
  return node;
}

function isPresent(value) {
  return value !== undefined && value !== null && value !== false;
}

export function button(label, click, kind = "") {
  return el(`button.button${kind}`, { type: "button", on: { click } }, label);
}

/// A label of a few words in a color; the words alone carry the meaning.
export function badge(text, tone = "plain") {
  return el(`span.badge.${tone}`, text);
}

/// A part with a title; nothing if it has no content.
export function section(title, ...content) {
  return content.flat().some(isPresent) && el("section", el("h2", title), content);
}

/// Reads `text` out through the view's live region.
export function announce(text) {
  const region = document.getElementById("status");
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

/// Moves the focus to a heading or panel that is no control itself.
export function focusOn(node) {
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
}

/// A line that says what the view waits for.
export function waiting(text) {
  return el("p.muted.waiting", `${text} …`);
}
