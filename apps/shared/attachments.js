// Attachments with their pictures. A picture is read through the host and shown as data; nothing is fetched.
import { announce, badge, button, el } from "./dom.js";
import { visibility } from "./fields.js";
import { callTool, download } from "./host.js";
import { readResult } from "./result.js";

const PICTURES = /^image\/(png|jpeg|gif|webp|bmp)$/;
const MAX_SHOWN_PICTURES = 6;

export function attachmentList(host, formats, attachments = []) {
  if (attachments.length === 0) return null;
  let pictures = 0;
  const row = (attachment) => {
    const isPicture = PICTURES.test(attachment.contentType);
    if (isPicture) pictures += 1;
    return attachmentItem(host, formats, attachment, isPicture && pictures <= MAX_SHOWN_PICTURES);
  };
  return el("section", {}, el("h2", {}, "Attachments"), el("ul", { class: "attachments" }, attachments.map(row)));
}

function attachmentItem(host, formats, attachment, shown) {
  const name = attachment.fullPath || attachment.title || `Attachment ${attachment.id}`;
  const content = el("div", { class: "attachment-content" });
  const visible = visibility(attachment);
  const show = async () => {
    content.replaceChildren(el("span", { class: "muted waiting" }, "Loading …"));
    content.replaceChildren(await attachmentContent(host, attachment, name));
    announce(`${name} is shown.`);
  };
  const save = async () => {
    const file = await readFile(host, attachment);
    const saved = file && (await download(host, { ...file, uri: `file:///${encodeURIComponent(name)}` }));
    if (!saved) announce(`${name} could not be downloaded here. Open the ticket in Autotask.`);
    if (!saved) content.replaceChildren(el("span", { class: "muted" }, "It could not be downloaded here. Open the ticket in Autotask."));
  };
  if (shown) attachmentContent(host, attachment, name).then((node) => content.replaceChildren(node));
  const shows = !shown && (PICTURES.test(attachment.contentType) || /^text\//.test(attachment.contentType));
  return el(
    "li",
    {},
    el("p", { class: "entry-head" }, el("span", { class: "strong name" }, name), badge(visible.text, visible.tone)),
    el("p", { class: "muted small" }, [attachment.contentType, attachment.attachDate && formats.dateTime(attachment.attachDate)].filter(Boolean).join(" · ")),
    content,
    el("div", { class: "actions" }, shows && button("Show", show, "small"), host.capabilities.downloadFile && button("Download", save, "small")),
  );
}

async function attachmentContent(host, attachment, name) {
  const file = await readFile(host, attachment);
  if (file?.blob && PICTURES.test(file.mimeType)) return el("img", { src: `data:${file.mimeType};base64,${file.blob}`, alt: `${attachment.title || name} (picture)` });
  if (file?.text !== undefined) return el("pre", { tabindex: "0" }, file.text);
  return el("span", { class: "muted" }, "It cannot be shown here. Open the ticket in Autotask.");
}

/// The file as a resource: read by its URI, or through `get-entity` from hosts that pass on tool calls only.
async function readFile(host, { id, contentType }) {
  const uri = `autotask://attachments/TicketAttachments/${id}`;
  const isText = /^text\//.test(contentType);
  if (host.capabilities.serverResources && !isText) {
    const read = await host.request("resources/read", { uri }).catch(() => undefined);
    if (read?.contents?.[0]) return read.contents[0];
  }
  const result = await callTool(host, "get-entity", { entity: "TicketAttachments", id: String(id) });
  const image = result?.content?.find((block) => block.type === "image");
  if (image) return { uri, mimeType: image.mimeType, blob: image.data };
  const { data } = readResult(result);
  return typeof data?.content === "string" ? { uri, mimeType: contentType, text: data.content } : undefined;
}
