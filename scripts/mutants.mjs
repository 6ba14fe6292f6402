#!/usr/bin/env node
// Takes one check at a time out of the contracts and demands that the named test notices.
//
//   node scripts/mutants.mjs                 every mutant of test/mutants.json; writes docs/mutants.md    (make mutants)
//   node scripts/mutants.mjs WORD...         only mutants whose name, group, file or test contains all the words
//   node scripts/mutants.mjs --check         no forge: the table fits the sources, docs/mutants.md fits the table
//   node scripts/mutants.mjs --jobs=1        so many at a time (default: one for each core)
//
// An entry of the table:
//   name     what the mutant does wrong
//   group    the guard group, invariant or rule it belongs to; a heading of docs/mutants.md
//   file     the source it changes
//   find     text that occurs exactly once in it; an array is joined with line feeds
//   replace  what stands there instead, likewise
//   path     the test file
//   test     the test in it that must fail
//   alone    optional: no other test of the file may fail
//
// Everything happens in copies under target/mutants, which keep forge's cache: only what a mutant touches is compiled
// again. Without the optimiser and, as for coverage, with one way to compile everything: a change of the oracle is
// compiled in a third of the time, and no answer changes.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const TABLE = "test/mutants.json";
const REPORT = "docs/mutants.md";
const WORK = "target/mutants";
const COPIED = ["contracts", "deployments", "foundry.toml", "models", "package.json", "scripts", "test"];
const TIME_LIMIT_MS = 600_000;

process.chdir(ROOT);
const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = flags.find((flag) => flag !== "--check" && !/^--jobs=[1-9]\d*$/.test(flag));
if (unknown) fail(`unknown option ${unknown}; see the head of scripts/mutants.mjs`);

const table = JSON.parse(readFileSync(TABLE, "utf8")).map(read);
requireUnique(table.map(({ name }) => name));
if (flags.includes("--check")) {
  const written = existsSync(REPORT) ? readFileSync(REPORT, "utf8") : "";
  if (written !== report(table)) fail(`${REPORT} is not what ${TABLE} says: run make mutants`);
  console.log(`${table.length} mutants fit their sources and ${REPORT}`);
  process.exit(0);
}

const mutants = table.filter((mutant) => words.every((word) => matches(mutant, word)));
if (mutants.length === 0) fail("no mutant has all of these words");
const jobs = Number(flags.find((flag) => flag.startsWith("--jobs="))?.slice(7) ?? availableParallelism());
const spaces = Array.from({ length: Math.min(jobs, mutants.length) }, (_, index) => join(WORK, `${index + 1}`));
spaces.forEach(prepare);

await baseline(spaces[0]);
const survivors = [];
const queue = [...mutants];
await Promise.all(spaces.map(work));
const caught = mutants.length - survivors.length;
console.log(`${mutants.length} mutants, ${caught} caught, ${survivors.length} survived`);
if (survivors.length > 0) {
  for (const survivor of survivors) console.error(`  ${survivor}`);
  process.exit(1);
}
if (mutants.length === table.length) writeFileSync(REPORT, report(table));

/** One entry, refused unless it says where and what without doubt. */
function read(entry, index) {
  const text = (value) => (Array.isArray(value) ? value.join("\n") : value);
  const mutant = { ...entry, find: text(entry.find), replace: text(entry.replace) };
  const where = `${TABLE}, entry ${index + 1} (${entry.name ?? "no name"})`;
  for (const field of ["name", "group", "file", "find", "replace", "path", "test"]) {
    if (typeof mutant[field] !== "string") fail(`${where}: ${field} is missing`);
  }
  for (const path of [mutant.file, mutant.path]) {
    if (!existsSync(path)) fail(`${where}: no file ${path}`);
  }
  mutant.source = readFileSync(mutant.file, "utf8");
  const times = mutant.source.split(mutant.find).length - 1;
  if (mutant.find === "" || times !== 1) fail(`${where}: its text occurs ${times} times in ${mutant.file}, want 1`);
  if (mutant.find === mutant.replace) fail(`${where}: changes nothing`);
  if (!readFileSync(mutant.path, "utf8").includes(`function ${mutant.test}(`)) {
    fail(`${where}: no ${mutant.test} in ${mutant.path}`);
  }
  return mutant;
}

function requireUnique(names) {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) fail(`${TABLE}: two entries are named ${twice}`);
}

function matches({ name, group, file, test }, word) {
  return `${name} ${group} ${file} ${test}`.toLowerCase().includes(word.toLowerCase());
}

/** A copy of the sources beside what forge compiled there before. */
function prepare(space) {
  mkdirSync(space, { recursive: true });
  for (const entry of COPIED) {
    rmSync(join(space, entry), { recursive: true, force: true });
    if (existsSync(entry)) cpSync(entry, join(space, entry), { recursive: true, preserveTimestamps: true });
  }
  const modules = join(space, "node_modules");
  rmSync(modules, { force: true });
  symlinkSync(join(ROOT, "node_modules"), modules);
}

/** Every test of the files in question passes on the sources as they are. */
async function baseline(space) {
  const paths = [...new Set(mutants.map(({ path }) => path))];
  const { results, complaint } = await forge(space, ["--match-path", `{${paths.join(",")},none}`]);
  if (complaint) fail(`the unchanged contracts:\n${complaint}`);
  const failing = results.filter(({ passed }) => !passed).map(({ test }) => test);
  if (failing.length > 0) fail(`the unchanged contracts fail ${failing.join(", ")}`);
  for (const { path, test } of mutants) {
    const ran = results.some((result) => result.path === path && result.test === test);
    if (!ran) fail(`the unchanged contracts do not run ${test} of ${path}`);
  }
  console.log(`the unchanged contracts pass ${results.length} tests`);
}

async function work(space) {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const started = Date.now();
    const target = join(space, mutant.file);
    writeFileSync(target, mutant.source.replace(mutant.find, () => mutant.replace));
    const verdict = await judge(space, mutant);
    writeFileSync(target, mutant.source);
    const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(5);
    const outcome = verdict ? "SURVIVED" : "caught  ";
    console.log(`${outcome} ${seconds} s  ${mutant.name}  (${mutant.test})${verdict ? `: ${verdict}` : ""}`);
    if (verdict) survivors.push(`${mutant.name}: ${verdict}`);
  }
}

/** Nothing when the mutant is caught as the table says, else what happened instead. */
async function judge(space, { path, test, alone }) {
  const only = alone ? [] : ["--match-test", `^${test}\\(`];
  const { results, complaint } = await forge(space, ["--match-path", path, ...only]);
  if (complaint) return `forge did not run the tests\n${complaint}`;
  const named = results.find((result) => result.test === test);
  if (!named) return `${test} did not run: ${results.map((result) => result.reason ?? result.test).join(", ")}`;
  if (named.passed) return `${test} passes`;
  const others = results.filter((result) => result !== named && !result.passed).map((result) => result.test);
  if (alone && others.length > 0) return `${others.join(", ")} too`;
  return "";
}

/** Runs forge test; a complaint when it did not come to results (compiler errors, crashes, time). */
async function forge(space, args) {
  // Failures are remembered there and tried first the next time.
  for (const memory of ["fuzz", "invariant", "test-failures"]) {
    rmSync(join(space, "cache", memory), { recursive: true, force: true });
  }
  const packages = join(ROOT, "node_modules/@foundry-rs");
  const programs = existsSync(packages)
    ? readdirSync(packages).map((name) => join(packages, name, "bin"))
    : fail("run npm ci first");
  const env = {
    ...process.env,
    PATH: [...programs, process.env.PATH].join(delimiter),
    FORGE_SNAPSHOT_CHECK: "false",
    FOUNDRY_DENY: "never", // a mutant may leave a variable without use
    FOUNDRY_OPTIMIZER: "false",
    FOUNDRY_PROFILE: "coverage", // foundry.toml: no profiles of their own for oracle and verifiers
    FOUNDRY_DYNAMIC_TEST_LINKING: "true", // tests need not be compiled again
    FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: "0",
  };
  const child = spawn("forge", ["test", "--json", ...args], { cwd: space, env, timeout: TIME_LIMIT_MS });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (errors += data));
  const code = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", resolve);
  });
  try {
    const suites = Object.entries(JSON.parse(output));
    const results = suites.flatMap(([suite, { test_results: tests }]) =>
      Object.entries(tests).map(([signature, { status, reason }]) => ({
        path: suite.split(":")[0],
        test: signature.split("(")[0],
        passed: status === "Success",
        reason,
      })),
    );
    if (results.length > 0) return { results };
  } catch {
    // No results: what forge printed instead says why.
  }
  return { complaint: `exit ${code}\n${output}${errors}`.trim().slice(0, 4000) };
}

/** docs/mutants.md. */
function report(all) {
  const groups = [...new Set(all.map(({ group }) => group))];
  const sections = groups.map((group) => {
    const rows = all.filter((mutant) => mutant.group === group).map(({ name, file, test, alone }) => {
      const source = file.split("/").pop();
      return `| ${name} | \`${source}\` | \`${test}\`${alone ? " alone" : ""} |`;
    });
    return [`## ${group}`, "| Mutant | In | Caught by |", "|---|---|---|", ...rows, ""].join("\n");
  });
  return [
    "# Mutants of the contracts",
    "",
    "Written by `make mutants` when every mutant was caught: one check at a time is taken out or bent, and the named test must",
    `fail. The table is \`${TABLE}\`, its format is in the head of \`scripts/mutants.mjs\`; \`alone\` means that no other test of the`,
    "same file fails. A check whose mutant no test catches is not known to work.",
    "",
    `${all.length} mutants, ${all.length} caught, 0 survived.`,
    "",
    ...sections,
  ].join("\n");
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
