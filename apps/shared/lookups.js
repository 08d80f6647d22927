// Values that forms offer: picklists and technicians, read once per view.
import { callTool } from "./host.js";
import { readResult } from "./result.js";

const MAX_TECHNICIANS = 500;
const read = new Map();

async function readOnce(host, tool, args) {
  const key = JSON.stringify([tool, args]);
  if (!read.has(key)) read.set(key, callTool(host, tool, args).then(readResult));
  const result = await read.get(key);
  if (result.kind !== "data") read.delete(key);
  return result.data ?? {};
}

/// The active values of a picklist as options; none if the server does not offer the tool.
export async function picklist(host, entity, field) {
  const { fields = [] } = await readOnce(host, "describe-entity-fields", { entity, field });
  const values = fields.find((each) => each.name === field)?.picklist ?? [];
  return values.filter((each) => each.active !== false).map(({ value, label }) => ({ value, label }));
}

/// The names of the active technicians.
export async function technicians(host) {
  const filter = [{ op: "eq", field: "isActive", value: true }];
  const query = { filter, MaxRecords: MAX_TECHNICIANS, IncludeFields: ["id", "firstName", "lastName"] };
  const { items = [] } = await readOnce(host, "query-entity", { entity: "Resources", query });
  return items.map(({ firstName, lastName }) => [firstName, lastName].filter(Boolean).join(" ")).sort();
}
