// Attachments with their pictures. A file is read through the host and shown as data; nothing is fetched.
import { announce, badge, button, el, fill, section, waiting } from "./dom.js";
import { visibility } from "./fields.js";
import { callTool, download } from "./host.js";
import { readResult } from "./result.js";

const PICTURE = /^image\/(png|jpeg|gif|webp|bmp)$/;
const MAX_SHOWN_PICTURES = 6;

export function attachmentList(host, formats, attachments = []) {
  let pictures = 0;
  const items = attachments.map((attachment) => {
    const shown = PICTURE.test(attachment.contentType) && ++pictures <= MAX_SHOWN_PICTURES;
    return attachmentItem(host, formats, attachment, shown);
  });
  return section("Attachments", items.length > 0 && el("ul.plain.attachments", items));
}

function attachmentItem(host, formats, attachment, shown) {
  const { id, fullPath, title, contentType = "", attachDate } = attachment;
  const name = fullPath || title || `Attachment ${id}`;
  const content = el("div.content");
  const show = async () => {
    fill(content, waiting("Loading"));
    fill(content, await shownFile(await readFile(host, attachment), title || name));
  };
  const save = async () => {
    const file = await readFile(host, attachment);
    if (!file || !(await download(host, { ...file, uri: `file:///${encodeURIComponent(name)}` }))) announce(`${name} was not downloaded.`);
  };
  if (shown) show();
  return el(
    "li",
    el("p.head", el("b", name), badge(...visibility(attachment))),
    el("p.muted.small", [contentType, attachDate && formats.dateTime(attachDate)].filter(Boolean).join(" · ")),
    content,
    el("div.actions", !shown && /^(image|text)\//.test(contentType) && button("Show", show, ".small"), host.capabilities.downloadFile && button("Download", save, ".small")),
  );
}

async function shownFile({ mimeType, blob, text } = {}, name) {
  const picture = blob && PICTURE.test(mimeType) && (await drawPicture(mimeType, blob, name).catch(() => {}));
  if (picture) return picture;
  return text ? el("pre", { tabindex: 0 }, text) : el("p.muted", "Cannot be shown here.");
}

/// A picture drawn from its bytes: some hosts allow no image addresses, not even data.
async function drawPicture(type, blob, name) {
  const bytes = Uint8Array.from(atob(blob), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type }));
  const { width, height } = bitmap;
  const canvas = el("canvas", { role: "img", "aria-label": name, width, height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas;
}

/// The file as a resource: read by its URI, or through `get-entity` where it is text or the host passes on tool calls only.
async function readFile(host, { id, contentType = "" }) {
  const uri = `autotask://attachments/TicketAttachments/${id}`;
  if (host.capabilities.serverResources && !contentType.startsWith("text/")) {
    const read = await host.request("resources/read", { uri }).catch(() => {});
    if (read?.contents?.[0]) return read.contents[0];
  }
  const result = await callTool(host, "get-entity", { entity: "TicketAttachments", id: `${id}` });
  const image = result.content?.find(({ type }) => type === "image");
  if (image) return { uri, mimeType: image.mimeType, blob: image.data };
  const text = readResult(result).data?.content;
  return text && { uri, mimeType: contentType, text };
}
