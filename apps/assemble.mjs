// Assembles the views into single files for development: node apps/assemble.mjs FOLDER. The server's build does the same in Rust.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const apps = import.meta.dirname;
const folder = process.argv[2];
const shared = readdirSync(join(apps, "shared")).filter((name) => name.endsWith(".css")).sort();
const style = shared.map((name) => dense(short(readFileSync(join(apps, "shared", name), "utf8")))).join("\n");

// CSS without the spaces that it does not need; no text in it has them either.
function dense(css) {
  return css.replaceAll(" { ", "{").replaceAll("; }", "}").replaceAll("; ", ";").replaceAll(": ", ":").replaceAll(", ", ",");
}

// Without lines that are only a comment, and without indentation.
function short(text) {
  return text.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("//")).join("\n");
}

function modules(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  seen.set(file, "");
  const lines = readFileSync(file, "utf8").split("\n");
  const imports = lines.map((line) => /^import .* from "(.*)";$/.exec(line)?.[1]).filter(Boolean);
  for (const path of imports) modules(resolve(dirname(file), path), seen);
  seen.delete(file);
  return seen.set(file, short(lines.filter((line) => !line.startsWith("import ")).map((line) => line.replace(/^export /, "")).join("\n")));
}

mkdirSync(folder, { recursive: true });
for (const view of ["triage", "ticket", "write", "chart", "report"]) {
  const sources = modules(join(apps, view, "view.js"));
  const script = [...sources.values()].join("\n");
  const names = [...sources.keys()].flatMap((file) => [...readFileSync(file, "utf8").matchAll(/^(?:export )?(?:async )?(?:function|const|let) (\w+)/gm)].map((match) => match[1]));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length || script.includes("</script")) throw new Error(`${view}: declared twice: ${twice}`);
  const html = readFileSync(join(apps, view, "view.html"), "utf8")
    .replace("<!-- styles -->", () => `<style>\n${style}</style>`)
    .replace("<!-- script -->", () => `<script type="module">\n${script}</script>`);
  writeFileSync(join(folder, `${view}.html`), html);
  console.log(view, Buffer.byteLength(html));
}
