/**
 * Writes the icons OneX uses into src/onex/common/icons.json (the `{% ui_icon %}` tag reads it; no build needed).
 * `npm run icons -- name name …` adds icons by their Tabler name; without names the file is written anew.
 * Icons: Tabler Icons, MIT licence, https://tabler.io/icons
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../../../../src/onex/common/icons.json", import.meta.url);
const SOURCE = new URL("../../../node_modules/@tabler/icons/icons/", import.meta.url);

/** The drawing inside one icon's <svg>, without the invisible frame. */
export function drawing(name) {
  const [kind, plain] = name.endsWith("-filled") ? ["filled", name.replace(/-filled$/, "")] : ["outline", name];
  const svg = readFileSync(new URL(`${kind}/${plain}.svg`, SOURCE), "utf8");
  return svg.replace(/^[^]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/<path stroke="none"[^>]*\/>/g, "").replace(/\s*\n\s*/g, "").trim();
}

/** Every icon that has a name in the file, drawn from the package. */
export function drawn(names) {
  return Object.fromEntries([...new Set(names)].sort().map((name) => [name, drawing(name)]));
}

if (process.argv[1]?.endsWith("icons.mjs")) {
  const kept = existsSync(FILE) ? Object.keys(JSON.parse(readFileSync(FILE, "utf8"))) : [];
  writeFileSync(FILE, `${JSON.stringify(drawn([...kept, ...process.argv.slice(2)]), null, 1)}\n`);
}
