#!/usr/bin/env node
// Runs slither over contracts/ and compares every finding with scripts/analysis/slither.json, where somebody has judged
// it. A finding that is not there fails, and so does an entry that finds nothing any more.
//
//   node scripts/analysis/slither.mjs            compares, and compares docs/security.md    (make analyse)
//   node scripts/analysis/slither.mjs --write    rewrites the table in docs/security.md
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const TRIAGE = "scripts/analysis/slither.json";
const DOCUMENT = "docs/security.md";
const FOUND = "target/analysis/slither.json";
// Artifacts of its own: slither needs syntax trees and build information, which nobody else does.
const env = { ...process.env, FOUNDRY_OUT: "target/analysis/out", FOUNDRY_CACHE_PATH: "target/analysis/cache" };

rmSync("target/analysis", { recursive: true, force: true });
execFileSync("forge", ["build", "--quiet", "--ast", "--build-info", "--skip", "*/test/**", "--skip", "*/scripts/**"], { env, stdio: "inherit" });
const run = spawnSync(".venv/bin/slither", [".", "--json", FOUND], { env, encoding: "utf8" });
if (run.error || run.status !== 0) fail([run.error?.message ?? run.stderr]);

const findings = JSON.parse(readFileSync(FOUND, "utf8")).results.detectors ?? [];
const triage = JSON.parse(readFileSync(TRIAGE, "utf8"));
const places = triage.flatMap(({ check, where }) => where.map((place) => `${check}: ${place}`));
const found = [...new Set(findings.map((finding) => `${finding.check}: ${place(finding)}`))];
const problems = [
  ...found.filter((f) => !places.includes(f)).map((f) => `not judged in ${TRIAGE}: ${f}`),
  ...places.filter((p) => !found.includes(p)).map((p) => `judged in ${TRIAGE} but not found any more: ${p}`),
];
if (problems.length > 0) fail(problems);

const document = readFileSync(DOCUMENT, "utf8");
const [start, end] = ["<!-- slither -->\n", "<!-- /slither -->"];
const [head, rest] = document.split(start);
const fresh = head + start + table() + end + rest.split(end)[1];
if (process.argv[2] === "--write") writeFileSync(DOCUMENT, fresh);
else if (fresh !== document) fail([`${DOCUMENT} differs from ${TRIAGE}: node scripts/analysis/slither.mjs --write`]);
console.log(`slither: ${findings.length} findings, every one judged in ${TRIAGE}`);

/** Contract and function, which survive edits of other lines. */
function place({ elements }) {
  return path(elements.find(({ type }) => type === "function") ?? elements[0]);
}

function path({ name, type, type_specific_fields: fields }) {
  if (type === "function") return `${fields.parent.name}.${name}`;
  return fields?.parent ? path(fields.parent) : name;
}

function table() {
  const rows = triage.map(({ check, where, verdict, why }) => {
    const count = findings.filter((f) => f.check === check && where.includes(place(f))).length;
    return `| ${check} | ${count} | ${where.map((p) => `\`${p}\``).join(", ")} | ${verdict}: ${why} |\n`;
  });
  return `| Finding | Count | Where | Verdict |\n|---|---|---|---|\n${rows.join("")}`;
}

function fail(lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}
