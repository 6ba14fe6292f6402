import assert from "node:assert/strict";
import { test } from "node:test";
import { bps, count, countdown, dateTime, decimal, duration, ether, hexCut, plural, price, priceE8, span, time } from "../../src/format.js";

test("decimal cuts like the contracts do and groups the integer part", () => {
  assert.equal(decimal(1234567890n, 6, 2), "1,234.56");
  assert.equal(decimal(999999n, 6, 2), "0.99");
  assert.equal(decimal(0n, 8, 4), "0.0000");
  assert.equal(decimal(-150n, 2, 1), "-1.5");
  assert.equal(decimal(5n, 0, 0), "5");
  assert.equal(decimal(10n ** 30n, 6, 0), "1,000,000,000,000,000,000,000,000");
});

test("prices have as many decimals as they deserve", () => {
  assert.equal(priceE8(6654200000000n), "66,542.00");
  assert.equal(priceE8(150000000n), "1.5000");
  assert.equal(priceE8(12n), "0.00000012");
  assert.deepEqual([price(66542), price(1.5), price(0.1)], ["66,542.00", "1.5000", "0.10000000"]);
});

test("moments are UTC", () => {
  assert.equal(time(1722311820), "03:57:00");
  assert.equal(dateTime(1722311820), "2024-07-30 03:57:00");
});

test("durations tell their two largest units", () => {
  assert.deepEqual([0, 59.9, 60, 185, 7_800, 266_400].map(duration), ["0 s", "59 s", "1 min 00 s", "3 min 05 s", "2 h 10 min", "3 d 2 h"]);
  assert.deepEqual([600, 14_400, 5_400, 172_800, 30].map(span), ["10 min", "4 h", "1 h 30 min", "2 d", "30 s"]);
  assert.equal(duration(-3), "0 s");
});

test("countdowns end at zero", () => {
  assert.deepEqual([47.2, 0, -4, 723, 3_723].map(countdown), ["0:48", "0:00", "0:00", "12:03", "1:02:03"]);
});

test("small words", () => {
  assert.equal(plural(1, "round"), "1 round");
  assert.equal(plural(2_000, "round"), "2,000 rounds");
  assert.equal(count(308669), "308,669");
  assert.equal(bps(4003n), "40.03 %");
  assert.equal(ether("9998712300000000000"), "9.9987");
  assert.equal(hexCut("0x445050acf77447c42f18499384d6e27b"), "0x4450…e27b");
  assert.equal(hexCut("0xfc3de7fa"), "0xfc3de7fa");
});
