#!/usr/bin/env node
// Builds the dashboard: dashboard/src -> dashboard/dist. The same sources give the same bytes, so the files are
// committed and the node embeds them.
//
//   node scripts/dashboard.mjs            build
//   node scripts/dashboard.mjs --check    build in memory and compare with the committed files
//
// The expected hit rates by margin come from models/*/reports/calibration.json, for the models that
// contracts/verifiers has a verifier of.
import { build } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const SOURCE = join(ROOT, "dashboard/src");
const OUT = join(ROOT, "dashboard/dist");
/** Where the model id of a question's model is known: forge's fixtures. */
const FIXTURES = { signal: "rounds.json", regime: "regimes.json" };

const files = await bundle();
if (process.argv.includes("--check")) check(files);
else write(files);

/** Every file of the page, by name. */
async function bundle() {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: { app: join(SOURCE, "main.jsx"), style: join(SOURCE, "style.css") },
    outdir: OUT,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: ["es2022", "chrome111", "firefox113", "safari16.2"],
    jsx: "automatic",
    jsxImportSource: "preact",
    charset: "utf8",
    legalComments: "none",
    banner: { js: "// VeriRegime dashboard, built by scripts/dashboard.mjs; licences of what it contains: licences.txt" },
    plugins: [calibrations()],
  });
  const built = new Map(result.outputFiles.map((file) => [basename(file.path), file.text]));
  built.set("index.html", readFileSync(join(SOURCE, "index.html"), "utf8"));
  built.set("licences.txt", licences(Object.keys(result.metafile.inputs)));
  return built;
}

/** The module "virtual:calibrations": model id -> [margin from, expected hit rate] rows. */
function calibrations() {
  return {
    name: "calibrations",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^virtual:calibrations$/ }, ({ path }) => ({ path, namespace: "calibrations" }));
      onLoad({ filter: /.*/, namespace: "calibrations" }, () => ({ contents: JSON.stringify(tables()), loader: "json" }));
    },
  };
}

function tables() {
  const models = readdirSync(join(ROOT, "models")).sort();
  const found = {};
  for (const model of models) {
    const read = (file) => JSON.parse(readFileSync(join(ROOT, "models", model, file), "utf8"));
    let manifest;
    try {
      manifest = read("manifest.json");
    } catch {
      continue; // models/reports is no model
    }
    const fixture = join(ROOT, "test/fixtures", FIXTURES[manifest.training.question]);
    const { modelId } = JSON.parse(readFileSync(fixture, "utf8"));
    const { bins } = read("reports/calibration.json").fitted;
    found[modelId] = bins.map((bin) => [bin.from, Number(bin.smoothed.toFixed(4))]);
  }
  return found;
}

/** The licences of the packages in the bundle, word by word. */
function licences(inputs) {
  const packages = new Set(
    inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(input)?.[1] ?? []),
  );
  const texts = [...packages].sort().map((name) => {
    const folder = join(ROOT, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : license;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `Packages contained in app.js and their licences.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

function write(built) {
  mkdirSync(OUT, { recursive: true });
  for (const [name, text] of built) {
    writeFileSync(join(OUT, name), text);
    console.log(`${`dashboard/dist/${name}`.padEnd(30)} ${Buffer.byteLength(text)} bytes`);
  }
}

function check(built) {
  const odd = [...built].filter(([name, text]) => committed(name) !== text).map(([name]) => name);
  const more = readdirSync(OUT).filter((name) => !built.has(name));
  if (odd.length + more.length > 0) {
    console.error(`dashboard/dist is not what dashboard/src builds: ${[...odd, ...more].join(", ")}. Run: node scripts/dashboard.mjs`);
    process.exit(1);
  }
  console.log(`dashboard/dist: ${built.size} files as built from dashboard/src`);
}

function committed(name) {
  try {
    return readFileSync(join(OUT, name), "utf8");
  } catch {
    return null;
  }
}
