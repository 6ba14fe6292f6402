#!/usr/bin/env node
// Passes on what `forge test` prints and adds, at the end, how many tests of each kind passed and failed.
//
//   forge test | node scripts/test-summary.mjs        (with pipefail: forge's exit code decides)
//
// Fails by itself only when there was no test to count.
import { createInterface } from "node:readline";

const KINDS = ["unit", "fuzz", "invariant", "gas", "replay"];
const counts = new Map(KINDS.map((kind) => [kind, { passed: 0, failed: 0, skipped: 0, runs: 0, calls: 0, reverts: 0 }]));
let suite = "";
let over = false;

for await (const line of createInterface({ input: process.stdin })) {
  console.log(line);
  // After its last suite forge repeats the failures: count each test once.
  if (/^Ran \d+ test suites? in /.test(line)) over = true;
  suite = line.match(/^Ran \d+ tests? for (\S+):\w+$/)?.[1] ?? suite;
  if (!over) count(line);
}
report();

function count(line) {
  // The name of a failed invariant stands alone, below the calls that broke it.
  const result = line.match(/^\[(PASS|FAIL|SKIP)\b.*?\] (\w+)\(.*?\)(?: \((.*)\))?$/) ??
    line.match(/^()\s+(invariant_\w+)\(\) \((runs: .*)\)$/);
  if (!result) return;
  const [, verdict, name, figures = ""] = result;
  const kind = counts.get(kindOf(name));
  kind[{ PASS: "passed", SKIP: "skipped" }[verdict] ?? "failed"] += 1;
  for (const [, figure, value] of figures.matchAll(/(runs|calls|reverts): (\d+)/g)) kind[figure] += Number(value);
}

function kindOf(name) {
  if (name.startsWith("invariant_")) return "invariant";
  if (name.startsWith("testFuzz_")) return "fuzz";
  if (suite.startsWith("test/gas/")) return "gas";
  if (suite.startsWith("test/replay/")) return "replay";
  return "unit";
}

function report() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  console.log("\nContract tests by kind:");
  for (const [kind, c] of counts) {
    if (c.passed + c.failed + c.skipped === 0) continue;
    for (const verdict of Object.keys(total)) total[verdict] += c[verdict];
    const effort = { fuzz: `${number(c.runs)} runs`, invariant: `${number(c.calls)} calls, ${number(c.reverts)} reverts` };
    console.log(`  ${kind.padEnd(9)} ${verdicts(c)}${effort[kind] ? `; ${effort[kind]}` : ""}`);
  }
  console.log(`forge: ${verdicts(total)}`);
  if (total.passed + total.failed === 0) process.exitCode = 1;
}

function verdicts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}

function number(value) {
  return value.toLocaleString("en-GB");
}
