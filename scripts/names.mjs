#!/usr/bin/env node
// The documents name the tests that cover a claim. This holds them to it: every test, invariant and symbolic check
// that a document names exists, and docs/invariants.md names every invariant and every symbolic check that exists.
//
//   node scripts/names.mjs --check      (make test)
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LIST = "docs/invariants.md";
const DECLARED = /\bfunction ((?:test|testFuzz|invariant|check)_\w+)/g;
// A star at the end stands for all tests that begin so.
const NAMED = /`((?:test|testFuzz|invariant|check)_\w+)(\*?)`/g;

const tests = new Set(files("test", ".sol").flatMap((file) => all(DECLARED, file).map(([, name]) => name)));
const problems = [];
for (const file of files("docs", ".md")) {
  for (const [, name, star] of all(NAMED, file)) {
    const exists = star ? [...tests].some((test) => test.startsWith(name)) : tests.has(name);
    if (!exists) problems.push(`${file} names ${name}${star}, which no test has`);
  }
}
const listed = new Set(all(NAMED, LIST).map(([, name]) => name));
for (const name of tests) {
  if (/^(invariant|check)_/.test(name) && !listed.has(name)) problems.push(`${LIST} does not name ${name}`);
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`names: every test that the documents name exists, and ${LIST} names every invariant`);

function files(folder, ending) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path));
}

function all(pattern, file) {
  return [...readFileSync(file, "utf8").matchAll(pattern)];
}
