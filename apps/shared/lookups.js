// Values that forms offer: picklists and technicians, read once per view.
import { callTool } from "./host.js";
import { readResult } from "./result.js";

const known = new Map();

async function readOnce(host, tool, args) {
  const key = JSON.stringify(args);
  if (!known.has(key)) known.set(key, callTool(host, tool, args).then(readResult));
  const { data } = await known.get(key);
  if (!data) known.delete(key);
  return data ?? {};
}

/// The active values of a picklist as options; none if the server does not offer the tool.
export async function picklist(host, entity, field) {
  const { fields = [] } = await readOnce(host, "describe-entity-fields", { entity, field });
  return (fields[0]?.picklist ?? []).filter(({ active }) => active !== false);
}

/// The names of the active technicians.
export async function technicians(host) {
  const filter = [{ op: "eq", field: "isActive", value: true }];
  const query = { filter, MaxRecords: 500, IncludeFields: ["id", "firstName", "lastName"] };
  const { items = [] } = await readOnce(host, "query-entity", { entity: "Resources", query });
  return items.map(({ firstName, lastName }) => `${firstName ?? ""} ${lastName ?? ""}`.trim()).sort();
}
