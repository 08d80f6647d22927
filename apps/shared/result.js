// What a tool returned: data, the preview of a write, or an error.

/// Reads a CallToolResult into {kind: "data", data} | {kind: "preview", error, preview, code} | {kind: "error", error}.
export function readResult(result) {
  const text = result?.content?.find((block) => block.type === "text")?.text ?? "";
  const error = result?.structuredContent?.error ?? (result?.isError ? errorOfText(text) : undefined);
  if (error?.preview) return { kind: "preview", error, preview: error.preview, code: result._meta?.["autotask/confirm"] };
  if (error) return { kind: "error", error };
  try {
    return { kind: "data", data: JSON.parse(text) };
  } catch {
    return { kind: "error", error: { code: "unreadable", message: text.slice(0, 500) || "The server returned nothing." } };
  }
}

/// The three lines of an error, for clients that pass only the text on. A preview found here has no code.
export function errorOfText(text) {
  const [first = "", ...rest] = text.split("\n");
  const [, code = "error", said = first] = /^([a-z-]+): (.*)$/.exec(first) ?? [];
  const start = said.indexOf('{"method":');
  const preview = start < 0 ? undefined : jsonOrNothing(said.slice(start));
  const message = preview ? said.slice(0, start).trim() : said;
  const line = (prefix) => rest.find((each) => each.startsWith(prefix))?.slice(prefix.length);
  return { code, message, accepted: line("Accepted: "), next: line("Next: "), preview };
}

function jsonOrNothing(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/// The fields that an error asks for, with the values it accepts: `roleID: 502 (Senior) or 503 (Manager)`.
export function choicesOf(error) {
  if (error.code !== "missing-field" && error.code !== "ambiguous-name") return [];
  const fields = (error.accepted ?? "").split(/; (?=[A-Za-z]+: )/);
  return fields.map(fieldChoices).filter((choice) => choice && choice.options.length > 0);
}

function fieldChoices(text) {
  const [, field, values] = /^([A-Za-z]+): (.*)$/s.exec(text) ?? [];
  const found = [...(values ?? "").matchAll(/(\d+) \((?:"((?:[^"\\]|\\.)*)"|([^()]*))\)/g)];
  return field && { field, options: found.map(([, value, quoted, plain]) => ({ value, label: quoted ?? plain })) };
}

/// The tool whose preview issued a confirmation code, such as `update-ticket` for `UPDATE_TICKET:…`.
export function toolOfCode(code) {
  return code.split(":")[0].toLowerCase().replaceAll("_", "-");
}
