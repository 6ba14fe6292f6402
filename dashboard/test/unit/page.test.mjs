// Small pieces of the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { GUARDS, guardSentence } from "../../src/chain/guards.js";
import { classNames } from "../../src/classes.js";
import { clockOffset, nextClose } from "../../src/clock.js";
import { expectedHitRate } from "../../src/confidence.js";
import { pause } from "../../src/poller.js";
import { pageIds } from "../../src/session.js";
import { createStore } from "../../src/store.js";

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test("guards are those of IRebalanceModule, and each has a sentence", () => {
  const [, body] = /enum Guard \{([\s\S]*?)\n    \}/.exec(read("contracts/interfaces/IRebalanceModule.sol"));
  const names = body.replace(/\/\/.*/g, "").split(",").map((name) => name.trim()).filter(Boolean);
  assert.deepEqual(GUARDS, names);
  const details = { got: 5n, want: 7n, signal: "SELL", base: { symbol: "B", decimals: 8 }, quote: { symbol: "Q", decimals: 6 } };
  const sentences = GUARDS.map((_, index) => guardSentence(index, details));
  for (const sentence of sentences) assert.match(sentence, /^[A-Z].*\.$/);
  assert.equal(new Set(sentences).size, GUARDS.length);
  assert.match(guardSentence(99, details), /does not know/);
});

test("classes are those of ISignalOracle", () => {
  const source = read("contracts/interfaces/ISignalOracle.sol");
  const members = (name) => new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)[1].split(",").map((member) => member.trim());
  assert.deepEqual(classNames(3), members("Signal"));
  assert.deepEqual(classNames(2), members("Regime"));
});

test("pauses grow with failures, up to a minute, and are spread", () => {
  assert.equal(pause(4_000, 0, 0.9), 4_000);
  assert.deepEqual([1, 2, 3].map((failures) => pause(4_000, failures, 0.5)), [8_000, 16_000, 32_000]);
  assert.equal(pause(4_000, 30, 0.5), 60_000);
  assert.ok(pause(4_000, 1, 0) < 8_000 && pause(4_000, 1, 1) > 8_000);
});

test("the clock is the browser's, except on a local chain that lives in another year", () => {
  const past = { timestamp: 1_000, at: 1_000_000 };
  assert.deepEqual(clockOffset(31337, past), { offset: -999_000, basis: "chain" });
  assert.deepEqual(clockOffset(1, past), { offset: 0, basis: "browser" });
  // A local chain without a new block for an hour is late, not in another time.
  assert.deepEqual(clockOffset(31337, { timestamp: 1_000_000, at: 1_003_600 }), { offset: 0, basis: "browser" });
  assert.deepEqual(clockOffset(31337, null), { offset: 0, basis: "browser" });
});

test("the next close is strictly later", () => {
  assert.equal(nextClose(119.9, 60), 120);
  assert.equal(nextClose(120, 60), 180);
});

test("confidence is that of the last row that begins at or below the margin", () => {
  const tables = { "0xfc3de7fa": [[0, 0.34], [1_886, 0.35], [109_600, 0.82]] };
  const rate = (margin) => expectedHitRate(tables, "0xfc3de7fa", margin);
  assert.deepEqual([0n, 1_885n, 1_886n, 10_000_000n].map(rate), [0.34, 0.34, 0.35, 0.82]);
  assert.equal(expectedHitRate(tables, "0x00000000", 5n), null);
});

test("pages begin with any round and end with the first", () => {
  assert.deepEqual(pageIds(3), [3, 2, 1]);
  assert.equal(pageIds(1_000).length, 20);
  assert.equal(pageIds(1_000).at(-1), 981);
  assert.deepEqual(pageIds(0), []);
});

test("a store replaces its state and tells who listens", () => {
  const store = createStore({ a: 1, b: 2 });
  const before = store.get();
  let told = 0;
  const stop = store.subscribe(() => (told += 1));
  store.update({ a: 3 });
  store.update((state) => ({ b: state.a }));
  stop();
  store.update({ a: 9 });
  assert.deepEqual([before, store.get(), told], [{ a: 1, b: 2 }, { a: 9, b: 3 }, 2]);
});
