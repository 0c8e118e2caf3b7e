// Builds static/dist from static/src and the installed packages: `node static/build.mjs [--sizes]`.
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const SRC = join(ROOT, "static", "src");
const DIST = join(ROOT, "static", "dist");
const ICONS = join(ROOT, "node_modules", "@tabler", "icons", "icons");
// Within DIST, so that each file comes to its place by a rename, whole; hidden, so that nobody serves it.
await mkdir(DIST, { recursive: true });
const FRESH = await mkdtemp(join(DIST, ".fresh-"));

// Brotli bytes that a first visit may fetch, and what a page with a chart may add.
const BUDGET_FIRST_LOAD = 110_000;
const BUDGET_CHARTS = 200_000;
// Bytes as they are: with its HTML the respondent's page stays under 30 kB.
const BUDGET_SURVEY = 10_500;

async function filesUnder(folder, endings) {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function textOf(paths) {
  return (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("\n");
}

async function bundleScripts() {
  const result = await build({
    entryPoints: { app: join(SRC, "app.js"), theme: join(SRC, "theme.js"), charts: join(SRC, "charts.js") },
    outdir: FRESH,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    // htmx holds an eval for hx-on and filters; the page's meta htmx-config and the policy forbid it.
    logOverride: { "direct-eval": "silent" },
    metafile: true,
  });
  if (result.warnings.length) throw new Error(JSON.stringify(result.warnings, null, 2));
}

async function bundleStyles(templates) {
  const bundled = await build({
    entryPoints: [join(SRC, "app.css")],
    bundle: true,
    write: false,
    target: "es2022",
    loader: { ".svg": "dataurl" },
    external: ["*.png"],
    legalComments: "none",
  });
  const css = bundled.outputFiles[0].text;
  const packages = join(ROOT, "node_modules");
  const [purged] = await new PurgeCSS().purge({
    content: [
      ...templates,
      ...(await filesUnder("static/src", [".js"])),
      ...(await filesUnder("crm", [".py"])),
      ...["dropdown", "modal", "offcanvas", "collapse", "toast", "tooltip", "base-component"].map((name) =>
        join(packages, "bootstrap", "js", "src", `${name}.js`),
      ),
      ...(await filesUnder("node_modules/bootstrap/js/src/util", [".js"])),
      join(packages, "tom-select", "dist", "js", "tom-select.complete.js"),
    ],
    css: [{ raw: css }],
    dynamicAttributes: ["data-bs-theme", "data-popper-placement", "data-bs-popper", "aria-invalid"],
    // Written by Django itself, by a plugin, or put together from a value: grade-{{ grade }} and the like.
    safelist: {
      standard: ["errorlist", "nonfield", /^no-results$/],
      greedy: [/^(alert|bar|bs-tooltip|flag|grade|htmx|org|plugin|tier|toast|tooltip|ts)-/],
    },
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  const minified = await build({
    stdin: { contents: purged.css, loader: "css" },
    minify: true,
    write: false,
    target: "es2022",
    legalComments: "none",
  });
  await writeFile(join(FRESH, "app.css"), minified.outputFiles[0].text);
}

// The respondent's page has no toolkit to purge, and phones that read no CSS and no script of this year.
async function bundleSurvey() {
  for (const name of ["survey.css", "survey.js"]) {
    await build({
      entryPoints: { survey: join(SRC, name) },
      outdir: FRESH,
      bundle: name.endsWith(".js"),
      format: name.endsWith(".js") ? "iife" : undefined,
      minify: true,
      target: ["chrome90", "safari14", "firefox90"],
      legalComments: "none",
    });
  }
}

// Every {% icon "name" %}, icon="name" and action_icon="name" (any word_icon=) in templates and Python becomes one <symbol> of the sprite.
async function buildSprite(templates) {
  const sources = await textOf([...templates, ...(await filesUnder("crm", [".py"]))]);
  const names = new Set([...sources.matchAll(/(?:\{% icon |\b(?:[a-z]+_)?icon=)"([a-z][a-z0-9-]*)"/g)].map((match) => match[1]));
  const symbols = await Promise.all([...names].sort().map(symbolOf));
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  await writeFile(join(FRESH, "icons.svg"), sprite);
}

async function symbolOf(name) {
  const svg = await readFile(join(ICONS, "outline", `${name}.svg`), "utf8").catch(() => {
    throw new Error(`There is no Tabler icon "${name}".`);
  });
  const inner = svg
    .slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
    .replace(/<path stroke="none"[^>]*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
}

async function reportSizes(shouldPrint) {
  const sizes = {};
  for (const name of ["app.css", "app.js", "theme.js", "charts.js", "survey.css", "survey.js", "icons.svg"]) {
    const raw = await readFile(join(FRESH, name));
    sizes[name] = { raw: raw.length, brotli: brotliCompressSync(raw).length };
  }
  const firstLoad = sizes["app.css"].brotli + sizes["app.js"].brotli + sizes["theme.js"].brotli;
  if (shouldPrint) {
    for (const [name, size] of Object.entries(sizes)) {
      console.log(`${name.padEnd(10)} ${String(size.raw).padStart(8)} B  ${String(size.brotli).padStart(7)} B brotli`);
    }
    console.log(`first load ${String(firstLoad).padStart(8 + 3 + 8)} B brotli of ${BUDGET_FIRST_LOAD}`);
  }
  if (firstLoad > BUDGET_FIRST_LOAD) throw new Error(`CSS and JS of a first load weigh ${firstLoad} B brotli.`);
  if (sizes["charts.js"].brotli > BUDGET_CHARTS) throw new Error("charts.js is over its budget.");
  const survey = sizes["survey.css"].raw + sizes["survey.js"].raw;
  if (survey > BUDGET_SURVEY) throw new Error(`The respondent's sheet and script weigh ${survey} B.`);
}

// A server that runs meanwhile finds each file at any moment, the old one or the new one.
async function putInPlace() {
  const built = await readdir(FRESH);
  for (const name of built) await rename(join(FRESH, name), join(DIST, name));
  const old = (await readdir(DIST)).filter((name) => !name.startsWith(".") && !built.includes(name));
  await Promise.all(old.map((name) => rm(join(DIST, name), { recursive: true })));
}

try {
  const templates = await filesUnder("templates", [".html", ".svg"]);
  await Promise.all([bundleScripts(), bundleStyles(templates), bundleSurvey(), buildSprite(templates)]);
  await writeFile(join(FRESH, "logo.svg"), await readFile(join(SRC, "logo.svg")));
  await reportSizes(process.argv.includes("--sizes"));
  await putInPlace();
} finally {
  await rm(FRESH, { recursive: true, force: true });
}
