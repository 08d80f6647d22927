// What a tool returned: data, the preview of a write, or an error.

/// Reads a CallToolResult into {data}, {error, preview, code} or {error}.
export function readResult(result) {
  const text = result?.content?.find((block) => block.type === "text")?.text ?? "";
  const error = result?.structuredContent?.error;
  if (error) return { error, preview: error.preview, code: error.preview && result._meta?.["autotask/confirm"] };
  try {
    return { data: JSON.parse(text) };
  } catch {
    return { error: { code: "no-data", message: text.slice(0, 900) || "The server returned nothing." } };
  }
}

/// The fields that an error asks for, with the values it accepts: `roleID: 502 (Senior) or 503 (Manager)`.
export function choicesOf({ code, accepted = "" }) {
  if (code !== "missing-field" && code !== "ambiguous-name") return [];
  return accepted.split(/; (?=[A-Za-z]+: )/).map(fieldChoices).filter(({ options }) => options.length > 0);
}

function fieldChoices(text) {
  const [, name, values = ""] = /^([A-Za-z]+): (.*)$/s.exec(text) ?? [];
  const found = [...values.matchAll(/(\d+) \((?:"((?:[^"\\]|\\.)*)"|([^()]*))\)/g)];
  return { name, options: found.map(([, value, quoted, plain]) => ({ value, label: quoted ?? plain })) };
}

/// The tool whose preview issued a confirmation code, such as `update-ticket` for `UPDATE_TICKET:…`.
export function toolOfCode(code) {
  return code.split(":")[0].toLowerCase().replaceAll("_", "-");
}
