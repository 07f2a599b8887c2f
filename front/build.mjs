// Fills static/vendor: copies, the charts' bundle and the icon sprite; then compares with sums.txt.
// `npm run build -- --update` writes sums.txt anew after a version was raised.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const target = join(here, "..", "static", "vendor");
const fresh = `${target}.${process.pid}`;
const sums = join(here, "sums.txt");
// The sprite follows icons.txt, which changes with the pages; npm has checked the icons it is made of.
const sprite = "icons.svg";

const copies = {
  "tabler.css": "@tabler/core/dist/css/tabler.min.css",
  "tabler.js": "@tabler/core/dist/js/tabler.min.js",
  "htmx.js": "htmx.org/dist/htmx.min.js",
  "idiomorph-ext.js": "idiomorph/dist/idiomorph-ext.min.js",
  "tom-select.js": "tom-select/dist/js/tom-select.base.min.js",
  "tom-select.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
};

async function copy(name, source) {
  const text = await readFile(join(modules, source), "utf8");
  // Source maps are not served, and naming a missing one breaks the hashed names.
  const clean = text.replace(/\n?(\/\/|\/\*)# sourceMappingURL=[^\n]*/g, "");
  await writeFile(join(fresh, name), clean);
}

async function symbol(name) {
  const [folder, file] = name.startsWith("filled/") ? ["filled", name.slice(7)] : ["outline", name];
  const path = join(modules, "@tabler/icons/icons", folder, `${file}.svg`);
  const text = await readFile(path, "utf8").catch(() => {
    throw new Error(`front/icons.txt: Tabler has no icon “${name}”.`);
  });
  const inner = text.replace(/<!--[\s\S]*?-->/g, "").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  const shapes = inner.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "").replace(/\s*\n\s*/g, "");
  const paint =
    folder === "filled"
      ? 'fill="currentColor"'
      : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${file}" viewBox="0 0 24 24" ${paint}>${shapes}</symbol>`;
}

async function drawSprite() {
  const list = (await readFile(join(here, "icons.txt"), "utf8"))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));
  const symbols = await Promise.all([...new Set(list)].sort().map(symbol));
  await writeFile(join(fresh, sprite), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

async function listSums() {
  const names = (await readdir(fresh)).filter((name) => name !== sprite).sort();
  const lines = names.map(async (name) => {
    const hash = createHash("sha256").update(await readFile(join(fresh, name))).digest("hex");
    return `${hash}  ${name}\n`;
  });
  return (await Promise.all(lines)).join("");
}

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
try {
  await Promise.all(Object.entries(copies).map(([name, source]) => copy(name, source)));
  await build({
    entryPoints: [join(here, "echarts.mjs")],
    outfile: join(fresh, "echarts.js"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    logLevel: "error",
  });
  await drawSprite();
  const found = await listSums();
  if (process.argv.includes("--update")) {
    await writeFile(sums, found);
  } else if (found !== (await readFile(sums, "utf8"))) {
    throw new Error(`static/vendor would differ from front/sums.txt; nothing was changed. Found:\n${found}`);
  }
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
} finally {
  await rm(fresh, { recursive: true, force: true });
}
