// Names of fields and their values in the words of a service desk.
import { isDate } from "./formats.js";

const NAMES = {
  assignedResourceID: "Technician",
  assignedResourceRoleID: "Role",
  billingCodeID: "Work type",
  configurationItemID: "Device",
  createDate: "Created",
  createDateTime: "Created",
  dueDateTime: "Due",
  lastActivityDate: "Last activity",
  publish: "Visible to",
  resourceID: "Technician",
};

/// A field's name for people: `companyLocationID` is "Company location".
export function fieldName(name) {
  if (NAMES[name] || /[\s_]/.test(name)) return NAMES[name] ?? name;
  const words = name.replace(/(I[Dd]|DateTime)$/, "").replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase() || name;
  return words[0].toUpperCase() + words.slice(1);
}

/// A field's value in words.
export function valueText(value, formats) {
  if (value === null || value === undefined || value === "") return "empty";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "object") return JSON.stringify(value);
  return isDate(value) ? formats.dateTime(value) : `${value}`;
}

/// Who sees a note or an attachment, from its `publish`: [text, tone].
export function visibility({ publish, publish_label = "Visibility unknown" }) {
  if (publish === 1) return ["Customer can see", "warning"];
  return [{ 2: "Internal", 4: "Internal and co-managed" }[publish] ?? publish_label, "plain"];
}
