// Results as a tenant might cause them: hundreds of rows, hostile text in every field.
const WORD = "W".repeat(300);
export const HOSTILE =
  `<img src=x onerror="window.ran=1;parent.postMessage({method:'ran'},'*')"></script><script>parent.postMessage({method:'ran'},'*')</script>` +
  `"'><svg onload=alert(1)> \u202edesrever\u2066 javascript:alert(1) {{7*7}} ${WORD}`;
/** What a spreadsheet would run. */
export const FORMULAS = ["=1+2", "+1+2", "-1+2", "@SUM(1)", "\t=1+2", "\r=1+2", '=HYPERLINK("http://example.com","x")', 'a"b;c,d\ne'];

/** The same result with its text changed. */
export function edited(result, edit) {
  const [first, ...others] = result.content;
  return { ...result, content: [{ ...first, text: edit(first.text) }, ...others] };
}

export function editedJson(result, edit) {
  return edited(result, (text) => JSON.stringify(edit(JSON.parse(text))));
}

/** Every string of a value is hostile, except under these keys. */
export function hostile(value, keep = ["cursor"]) {
  if (typeof value === "string") return HOSTILE;
  if (Array.isArray(value)) return value.map((each) => hostile(each, keep));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, each]) => [key, keep.includes(key) ? each : hostile(each, keep)]);
  return Object.fromEntries(entries);
}

/** This many tickets, made of those of a result. */
export function many(result, count) {
  return editedJson(result, ({ items, ...rest }) => {
    const copies = Array.from({ length: count }, (_, index) => copy(items[index % items.length], index));
    return { ...rest, items: copies, count, hasMore: false, cursor: undefined };
  });
}

function copy(item, index) {
  const number = String(index).padStart(4, "0");
  return { ...item, id: 100_000 + index, ticketNumber: `T20260601.${number}`, title: `${item.title} ${number}` };
}
