// Names of fields and their values in the words of a service desk.

const NAMES = {
  assignedResourceID: "Technician",
  assignedResourceRoleID: "Role",
  billingCodeID: "Work type",
  configurationItemID: "Device",
  createDate: "Created",
  dueDateTime: "Due",
  impersonatorCreatorResourceID: "Created on behalf by",
  isActive: "Active",
  lastActivityDate: "Last activity",
  publish: "Visible to",
  resourceID: "Technician",
  roleID: "Role",
  startDateTime: "Start",
  endDateTime: "End",
};

/// A field's name for people: `companyLocationID` is "Company location".
export function fieldName(name) {
  if (NAMES[name]) return NAMES[name];
  if (/[\s_]/.test(name)) return name;
  const words = name.replace(/I[Dd]$/, "").replace(/DateTime$/, "").replace(/([a-z\d])([A-Z])/g, "$1 $2");
  const spaced = words.toLowerCase().trim() || name;
  return spaced[0].toUpperCase() + spaced.slice(1);
}

/// Who sees a note or an attachment, from its `publish`.
export function visibility({ publish, publish_label }) {
  if (publish === 1) return { tone: "warning", text: "Customer can see" };
  if (publish === 2) return { tone: "plain", text: "Internal" };
  if (publish === 4) return { tone: "plain", text: "Internal and co-managed" };
  return { tone: "plain", text: publish_label ?? "Visibility unknown" };
}
