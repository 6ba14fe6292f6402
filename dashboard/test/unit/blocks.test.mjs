import assert from "node:assert/strict";
import { test } from "node:test";
import { Blocks } from "../../src/chain/blocks.js";

/** Answers like an RPC whose block n has the timestamp at n, and counts the questions. */
function client(timestamps) {
  const asked = { count: 0 };
  return {
    asked,
    send: async (_, [number]) => {
      asked.count += 1;
      const timestamp = timestamps[Number(number)];
      return timestamp === undefined ? null : { timestamp: `0x${timestamp.toString(16)}` };
    },
  };
}

const regular = Array.from({ length: 5_000 }, (_, i) => 1_000 + 12 * i);
// A clock set by hand: a jump of years after the first block, then seconds, minutes and days.
const jumpy = [0, 1_722_000_000, 1_722_000_001, 1_722_000_060, 1_722_000_061, 1_722_400_000, 1_722_400_001, 1_722_900_000];

test("at finds the block of every timestamp, on a regular and on a jumpy chain", async () => {
  for (const chain of [regular.slice(0, 300), jumpy]) {
    for (const [number, timestamp] of chain.entries()) {
      assert.equal(await new Blocks(client(chain)).at(timestamp, chain.length - 1), number);
    }
  }
});

test("at finds the first block after a moment between two, and none after the last", async () => {
  const blocks = new Blocks(client(jumpy));
  assert.equal(await blocks.at(1_722_000_030, 7), 3);
  assert.equal(await blocks.at(1_722_900_001, 7), null);
  assert.equal(await blocks.at(-5, 7), 0);
});

test("at asks little of a regular chain and no more than twice the logarithm of a bad one", async () => {
  const good = client(regular);
  await new Blocks(good).at(regular[3_210], regular.length - 1);
  assert.ok(good.asked.count <= 8, `${good.asked.count} questions`);
  const bad = client(Array.from({ length: 4_096 }, (_, i) => (i < 4_000 ? i : 2 ** 40 + i)));
  await new Blocks(bad).at(3_999, 4_095);
  assert.ok(bad.asked.count <= 30, `${bad.asked.count} questions`);
});

test("a block that the RPC lost is an error", async () => {
  await assert.rejects(new Blocks(client(jumpy)).at(5, 20), /does not have block 20/);
});
