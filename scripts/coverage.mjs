#!/usr/bin/env node
// Which lines and branches of the contracts the forge tests reach, into docs/coverage.md.
//
//   node scripts/coverage.mjs      (make coverage)
//
// Fails when a test fails, when lines or branches of all contracts together fall below 95 %, when a gap has no entry
// in scripts/coverage-gaps.json, or when an entry there explains a gap that is no more.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const LEAST = 95;
const TRACE = "target/coverage/lcov.info";
const GAPS = "scripts/coverage-gaps.json";
const TABLE = "docs/coverage.md";
// Generated verifiers are one straight line of assembly, checked bit by bit elsewhere; demo contracts refuse any chain
// but the local one.
const LEFT_OUT = ["contracts/verifiers/", "contracts/demo/"];

mkdirSync("target/coverage", { recursive: true });
// The role matrix reads the compiler's output in out/.
execFileSync("forge", ["build", "--quiet"], { stdio: "inherit" });
execFileSync(
  "forge",
  // Instrumented code costs other gas: the gas tests would measure and compare nonsense.
  ["coverage", "--no-match-test", "^test_gas_", "--report", "lcov", "--report-file", TRACE],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      FOUNDRY_PROFILE: "coverage",
      FOUNDRY_OUT: "target/coverage/out",
      FOUNDRY_CACHE_PATH: "target/coverage/cache",
    },
  },
);

const files = readTrace().filter(({ file }) => file.startsWith("contracts/") && !LEFT_OUT.some((p) => file.startsWith(p)));
const explained = JSON.parse(readFileSync(GAPS, "utf8"));
const gaps = files.flatMap(({ gaps }) => gaps);
const total = { lines: sum(files, "lines"), branches: sum(files, "branches"), functions: sum(files, "functions") };
const problems = [
  ...gaps.filter((gap) => !reason(gap)).map((gap) => `${gap.file}:${gap.line}: ${gap.what} not reached and not explained: ${gap.code}`),
  ...explained.filter((e) => !gaps.some((gap) => same(gap, e))).map((e) => `${GAPS} explains what is no gap: ${e.file}: ${e.code}`),
  ...["lines", "branches"].filter((k) => percent(total[k]) < LEAST).map((k) => `${k}: ${share(total[k])} is below ${LEAST} %`),
];
writeFileSync(TABLE, page());
console.log(`coverage: lines ${share(total.lines)}, branches ${share(total.branches)}; written to ${TABLE}`);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}

/** The tracefile format of lcov(1): one block per source file. */
function readTrace() {
  return readFileSync(TRACE, "utf8").split("end_of_record").filter((block) => block.includes("SF:")).map((block) => {
    const file = block.match(/^SF:(.*)$/m)[1];
    const source = readFileSync(file, "utf8").split("\n");
    const lines = [...block.matchAll(/^DA:(\d+),(\d+)$/gm)];
    const branches = [...block.matchAll(/^BRDA:(\d+),(\d+),(\d+),(\d+|-)$/gm)];
    const functions = [...block.matchAll(/^FNDA:(\d+),/gm)];
    const gap = (what) => ([, line]) => ({ file, line, what, code: source[line - 1].trim() });
    const missed = (entry) => entry.at(-1) === "0" || entry.at(-1) === "-";
    return {
      file,
      lines: tally(lines, missed),
      branches: tally(branches, missed),
      functions: tally(functions, ([, hits]) => hits === "0"),
      gaps: [...lines.filter(missed).map(gap("line")), ...branches.filter(missed).map(gap("branch"))],
    };
  });
}

function tally(entries, missed) {
  return { reached: entries.filter((entry) => !missed(entry)).length, all: entries.length };
}

function sum(list, key) {
  return {
    reached: list.reduce((n, entry) => n + entry[key].reached, 0),
    all: list.reduce((n, entry) => n + entry[key].all, 0),
  };
}

function percent({ reached, all }) {
  return all === 0 ? 100 : (100 * reached) / all;
}

function share(count) {
  return count.all === 0 ? "none" : `${(Math.floor(percent(count) * 10) / 10).toFixed(1)} % (${count.reached} of ${count.all})`;
}

function same(gap, { file, code, what }) {
  return gap.file === file && gap.code === code && gap.what === what;
}

function reason(gap) {
  return explained.find((e) => same(gap, e))?.why;
}

function page() {
  const row = (name, c) => `| ${name} | ${share(c.lines)} | ${share(c.branches)} | ${share(c.functions)} |`;
  return [
    "# What the forge tests reach",
    "",
    "Written by `make coverage`, which fails below 95 % of lines or branches and on a gap without an explanation",
    "(`scripts/coverage-gaps.json`). Counted without optimiser over every unit, fuzz and invariant test; the gas tests are left",
    "out because instrumented code costs other gas. Every other test passes under instrumentation, too.",
    "",
    "Left out of the table: `contracts/verifiers` (generated; `test/verifiers` and the differential corpus flip and replace what",
    "they read), `contracts/demo` (refuses any chain but the local one), interfaces without code, everything under `test` and `scripts`.",
    "A branch is one way out of an `if` or `require`, and whether a line was reached says nothing about whether its result was checked.",
    "",
    "| File | Lines | Branches | Functions |",
    "|---|---|---|---|",
    ...files.map((entry) => row(`\`${entry.file}\``, entry)),
    row("**all**", total),
    "",
    "## Gaps",
    "",
    ...(gaps.length === 0
      ? ["None."]
      : gaps.map((gap) => `- \`${gap.file}\`:${gap.line}, ${gap.what}: \`${gap.code}\`. ${reason(gap) ?? "**Not explained.**"}`)),
    "",
  ].join("\n");
}
