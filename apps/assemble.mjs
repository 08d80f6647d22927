// Assembles the views into single files for development: node apps/assemble.mjs FOLDER. The server's build does the same in Rust.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const apps = import.meta.dirname;
const folder = process.argv[2];
const shared = readdirSync(join(apps, "shared")).filter((name) => name.endsWith(".css")).sort();
const style = shared.map((name) => readFileSync(join(apps, "shared", name), "utf8")).join("");

function modules(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  seen.set(file, "");
  const lines = readFileSync(file, "utf8").split("\n");
  const imports = lines.map((line) => /^import .* from "(.*)";$/.exec(line)?.[1]).filter(Boolean);
  for (const path of imports) modules(resolve(dirname(file), path), seen);
  seen.delete(file);
  return seen.set(file, lines.filter((line) => !line.startsWith("import ")).join("\n").replace(/^export /gm, ""));
}

mkdirSync(folder, { recursive: true });
for (const view of ["triage", "ticket", "write", "chart", "report"]) {
  const script = [...modules(join(apps, view, "view.js")).values()].join("\n");
  const names = [...script.matchAll(/^(?:async )?(?:function|const|let|class) (\w+)/gm)].map((match) => match[1]);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length || script.includes("</script")) throw new Error(`${view}: declared twice: ${twice}`);
  const html = readFileSync(join(apps, view, "view.html"), "utf8")
    .replace("<!-- styles -->", () => `<style>\n${style}</style>`)
    .replace("<!-- script -->", () => `<script type="module">\n${script}</script>`);
  writeFileSync(join(folder, `${view}.html`), html);
  console.log(view, Buffer.byteLength(html));
}
