// ui://autotask/write: the preview of a write as a difference, with Confirm and Cancel.
import { writePanel } from "../shared/confirmation.js";
import { fill } from "../shared/dom.js";
import { createFormats } from "../shared/formats.js";
import { connectHost } from "../shared/host.js";
import { notePanel } from "../shared/problem.js";
import { readResult, toolOfCode } from "../shared/result.js";

const view = document.getElementById("view");
let args = {};
const host = connectHost("write", {
  input: (given) => (args = given),
  result: showWrite,
  cancelled: () => fill(view, notePanel("Stopped", "The call was stopped before its result arrived. Check Autotask before you repeat it.")),
});

function showWrite(result) {
  const { code } = readResult(result);
  // The code names its tool; hosts may list tools under names of their own.
  const tool = code ? toolOfCode(code) : (host.context.toolInfo?.tool?.name ?? "the write");
  const { confirm, ...asked } = args;
  fill(view, writePanel(host, createFormats(host.context), { tool, args: asked }, { result }));
}
