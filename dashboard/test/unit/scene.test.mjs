import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketed, scene, ticks } from "../../src/chart/scene.js";

const MINUTE = 60;
const candles = (count, from = 1_722_297_600) =>
  Array.from({ length: count }, (_, i) => ({ time: from + i * MINUTE, open: 100 + i, high: 103 + i, low: 98 + i, close: 101 + i }));
const round = (id, closeTime, type) => ({ id, closeTime, class: type, lastCloseE8: 10_000_000_000n });
const drawn = (given) => scene({ candles: candles(240), rounds: [], classes: 3, timeframe: MINUTE, width: 800, height: 360, span: 4 * 3_600, ...given });

test("candles are joined to buckets on the grid", () => {
  const [first, second] = bucketed(candles(5, 1_722_297_600), 120, MINUTE);
  assert.deepEqual(first, { time: 1_722_297_600, step: 120, until: 1_722_297_720, open: 100, high: 104, low: 98, close: 102 });
  assert.equal(second.open, 102);
  assert.equal(bucketed(candles(5), 120, MINUTE).at(-1).until, 1_722_297_600 + 5 * MINUTE);
});

test("every candle is wide enough to see, and everything lies within the picture", () => {
  for (const width of [320, 480, 800, 1_600]) {
    const picture = drawn({ width });
    assert.ok(picture.pixels >= 5, `${width}: ${picture.pixels}`);
    for (const bucket of picture.buckets) {
      assert.ok(bucket.x >= picture.plot.left - 1 && bucket.x <= picture.plot.right);
      assert.ok(bucket.yHigh >= picture.plot.top && bucket.yLow <= picture.plot.bottom);
      assert.ok(bucket.yHigh <= Math.min(bucket.yOpen, bucket.yClose));
    }
    for (const lane of picture.lanes) assert.ok(lane.y > picture.plot.bottom && lane.y < 360);
  }
});

test("lanes stand from the highest class down to the lowest", () => {
  assert.deepEqual(drawn().lanes.map((lane) => lane.class), [2, 1, 0]);
  assert.deepEqual(drawn({ classes: 2 }).lanes.map((lane) => lane.class), [1, 0]);
});

test("few signals are all marked on the prices, many only where they change", () => {
  const end = candles(240).at(-1).time + MINUTE;
  const rounds = (count) => Array.from({ length: count }, (_, i) => round(i + 1, end - (count - 1 - i) * MINUTE, i % 40 < 20 ? 0 : 2));
  assert.equal(drawn({ rounds: rounds(10) }).marks.filter((mark) => mark.onPrice).length, 10);
  const many = drawn({ rounds: rounds(200) });
  assert.equal(many.marks.length, 200);
  assert.equal(many.marks.filter((mark) => mark.onPrice).length, 10);
});

test("without candles, or with old ones, the closes that the oracle accepted are drawn", () => {
  const end = candles(240).at(-1).time;
  const later = [round(1, end + 86_400, 0), round(2, end + 86_460, 2)];
  assert.equal(drawn({ candles: null, rounds: later }).lined, true);
  assert.equal(drawn({ rounds: later }).lined, true);
  assert.equal(drawn({ rounds: [round(1, end, 0)] }).lined, false);
});

test("too little to draw draws nothing", () => {
  assert.equal(drawn({ candles: null }), null);
  assert.equal(drawn({ candles: candles(1) }), null);
});

test("the bucket under a pixel is the nearest", () => {
  const picture = drawn();
  for (const index of [0, 17, picture.buckets.length - 1]) assert.equal(picture.at(picture.buckets[index].x), index);
  assert.equal(picture.at(-500), 0);
});

test("ticks are round numbers within the range", () => {
  assert.deepEqual(ticks(66_120, 66_610, 5), [66_200, 66_300, 66_400, 66_500, 66_600]);
  assert.deepEqual(ticks(0.101, 0.109, 4).map((tick) => tick.toFixed(3)), ["0.102", "0.104", "0.106", "0.108"]);
});
