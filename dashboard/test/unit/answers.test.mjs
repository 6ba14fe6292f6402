// What comes from a node or a file is checked before it is shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig, isRpcUrl, loadConfig } from "../../src/config.js";
import { checkCandles } from "../../src/node/candles.js";
import { askNode } from "../../src/node/shape.js";
import { checkStatus } from "../../src/node/status.js";

const ADDRESS = "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9";
const config = (change = {}, oracle = {}) => ({
  rpc: "http://127.0.0.1:8545",
  chainId: 31337,
  status: "/status",
  candles: null,
  oracles: [{ name: "signals", address: ADDRESS, gateway: ADDRESS.toLowerCase(), module: null, symbol: "BTC/USDT", timeframe: 60, ...oracle }],
  ...change,
});
const check = (value) => checkConfig(value, new URL("http://host/folder/dashboard.json"));

test("dashboard.json: paths become absolute, addresses are checksummed, what is optional may be missing", () => {
  const checked = check(config({ status: "node/status" }));
  assert.equal(checked.status, "http://host/folder/node/status");
  assert.equal(check(config()).status, "http://host/status");
  assert.equal(checked.candles, null);
  assert.equal(checked.oracles[0].gateway, ADDRESS);
  assert.equal(check(config({ status: undefined }, { module: undefined })).oracles[0].module, null);
  assert.equal(check(config({ rpc: null }, { gateway: null })).oracles[0].gateway, null);
});

for (const [what, value, words] of [
  ["no object", 5, "it is not an object"],
  ["rpc of another scheme", config({ rpc: "file:///etc/passwd" }), "rpc is neither an http or https address nor null"],
  ["no chain id", config({ chainId: "1" }), "chainId is no positive integer"],
  ["no oracles", config({ oracles: [] }), "oracles is empty"],
  ["a bad address", config({}, { address: "0x1234" }), "oracles[0].address is no address"],
  ["a bad module", config({}, { module: "none" }), "oracles[0].module is no address"],
  ["no name", config({}, { name: "" }), "oracles[0].name is empty"],
  ["no timeframe", config({}, { timeframe: 0 }), "oracles[0].timeframe is no positive integer"],
  ["a bad model", config({}, { model: { name: "x", id: "0x12" } }), "oracles[0].model is not a name"],
  ["a name twice", config({ oracles: [config().oracles[0], config().oracles[0]] }), "two oracles have the same name"],
  ["a status that is no path", config({ status: 7 }), "status is neither a path nor null"],
]) {
  test(`dashboard.json with ${what} is refused by name`, () => {
    assert.throws(() => check(value), (error) => error.message.includes(words));
  });
}

test("dashboard.json that cannot be read says why", async () => {
  const load = (answer) => loadConfig(async () => answer, "http://host/");
  await assert.rejects(load({ status: 404 }), /There is no dashboard.json beside this page/);
  await assert.rejects(load({ status: 500, ok: false }), /answers 500/);
  await assert.rejects(load({ status: 200, ok: true, json: async () => JSON.parse("<") }), /is not JSON/);
  await assert.rejects(loadConfig(async () => Promise.reject(new TypeError("x")), "http://host/"), /does not answer/);
});

test("only http and https are RPC addresses", () => {
  assert.deepEqual(["http://a", "https://a/b?c", "ws://a", "javascript:alert(1)", "a", "", null].map(isRpcUrl), [true, true, false, false, false, false, false]);
});

const status = (change = {}) => ({
  version: "0.1.0",
  started_at: 1,
  now: 2,
  ready: true,
  checks: [{ name: "rpc", ok: true, detail: "fine" }],
  candles: { source: "exchange", lag_s: 1.5, exchanges: ["binance"] },
  chain: { chain_id: 31337, block: 5, address: ADDRESS, balance_wei: "12" },
  oracles: [{ name: "signals", address: ADDRESS, attestors: 3, threshold: 2, next_close: 60, rounds: [{ close_time: 60, stage: "final", confidence: 0.4, round: 7, prove_ms: 130.1, reason: null }] }],
  ...change,
});

test("/status is taken as agreed; more fields do no harm", () => {
  const checked = checkStatus(status({ more: 1 }));
  assert.equal(checked.chain.balance, 12n);
  assert.deepEqual(checked.oracles[0].rounds[0], { closeTime: 60, stage: "final", confidence: 0.4, id: 7, proveMs: 130.1, reason: null });
  assert.equal(checkStatus(status({ candles: { source: "file", lag_s: null, exchanges: [] } })).candles.lag, null);
});

for (const [what, change] of [
  ["version", { version: 1 }],
  ["ready", { ready: "yes" }],
  ["checks", { checks: {} }],
  ["checks[].ok", { checks: [{ name: "rpc", ok: 1, detail: "" }] }],
  ["chain.balance_wei", { chain: { chain_id: 1, block: 1, address: ADDRESS, balance_wei: "0x1" } }],
  ["candles.exchanges", { candles: { source: "file", lag_s: 1, exchanges: [1] } }],
  ["oracles[].rounds", { oracles: [{ name: "a", address: ADDRESS, rounds: null }] }],
  ["oracles[].rounds[].stage", { oracles: [{ name: "a", address: ADDRESS, rounds: [{ close_time: 1, stage: 2 }] }] }],
]) {
  test(`/status with a bad ${what} is refused by name`, () => {
    assert.throws(() => checkStatus(status(change)), (error) => error.message.includes(what));
  });
}

test("candles are numbers, ascending, and high is not below low", () => {
  const row = (time, high = "3", low = "1") => [time, "2", high, low, "2", "10"];
  assert.deepEqual(checkCandles([row(60_000)]), [{ time: 60, open: 2, high: 3, low: 1, close: 2 }]);
  assert.throws(() => checkCandles({}), /list of candles/);
  assert.throws(() => checkCandles([row(60_000), row(60_000)]), /order of candles/);
  assert.throws(() => checkCandles([row(60_000, "1", "3")]), /high below low/);
  assert.throws(() => checkCandles([row(60_000, "many")]), /price/);
  assert.throws(() => checkCandles([[1, 2]]), /good candle/);
});

test("a node's refusal is told in its own words", async () => {
  const answer = (status, body) => async () => new Response(JSON.stringify(body), { status });
  await assert.rejects(askNode("/status", answer(503, { error: { code: "starting", message: "the node is starting" } })), /the node is starting/);
  await assert.rejects(askNode("/status", answer(502, null)), /status 502/);
  await assert.rejects(askNode("/status", async () => new Response("<html>")), /not JSON/);
  await assert.rejects(askNode("/status", async () => Promise.reject(new TypeError("x"))), /does not answer/);
});
