// What a node says of a world: dashboard.json, /status, /candles. Invented candles, and labelled so.
import { BUNDLES, REGIMES } from "./world.mjs";

const NAMES = ["SELL", "HOLD", "BUY"];
const MINUTE = 60;

/** dashboard.json of a world. */
export function configOf(world, { rpc, regimes = null, node = true }) {
  const oracles = [oracle("signals", world, world.module, NAMES, { name: "btcusdt-1m-60", id: BUNDLES[0].model_id })];
  if (regimes) oracles.push(oracle("regimes", regimes, null, ["LOW", "HIGH"], { name: "btcusdt-1m-240-regime", id: REGIMES.modelId }));
  return { rpc, chainId: 31337, status: node ? "/status" : null, candles: node ? "/candles" : null, oracles };
}

const oracle = (name, { oracle: address, gateway }, module, classes, model) => ({
  name,
  address,
  gateway,
  module,
  symbol: "BTC/USDT",
  timeframe: MINUTE,
  classes,
  model,
});

/** /status of a world whose clock says `now`. */
export function statusOf(world, now, change = {}) {
  const done = world.rounds.map(({ id, bundle, tx, gas }) => ({
    close_time: bundle.close_time,
    stage: "final",
    class: bundle.stored.class,
    signal: NAMES[bundle.stored.class],
    logits: [],
    confidence: null,
    round: id,
    tx,
    gas,
    prove_ms: 128 + id,
    reason: null,
  }));
  const bare = { class: null, signal: null, logits: [], confidence: null, round: null, tx: null, gas: null, prove_ms: null };
  const next = (Math.floor(now / MINUTE) + 1) * MINUTE;
  const missed = { ...bare, close_time: BUNDLES[0].close_time - 120, stage: "attested", reason: "one attestation of two: attestor 127.0.0.1:8788 did not answer" };
  const running = { ...bare, close_time: next - MINUTE, stage: "attested", reason: null, class: 1, signal: "HOLD", prove_ms: 131.2 };
  return {
    version: "0.1.0",
    started_at: BUNDLES[0].close_time - 7_200,
    now,
    ready: true,
    checks: [
      { name: "rpc", ok: true, detail: "chain 31337, 4 ms" },
      { name: "clock", ok: true, detail: "0.2 s from the exchange's" },
      { name: "candles", ok: true, detail: "newest closed 2 s ago" },
      { name: "balance", ok: true, detail: "enough for 8,100 rounds" },
      { name: "attestors", ok: true, detail: "3 of 3 answer" },
    ],
    candles: { source: "synthetic", lag_s: 2, exchanges: [] },
    chain: { chain_id: 31337, block: 42, address: world.submitter, balance_wei: "9998712300000000000" },
    oracles: [{ name: "signals", address: world.oracle, attestors: 3, threshold: 2, next_close: next, rounds: [running, ...done.reverse(), missed] }],
    ...change,
  };
}

/** /candles: 240 invented minutes that end with the world's latest round and close where its rounds did. */
export function candlesOf(world) {
  const closes = new Map(BUNDLES.map((bundle) => [bundle.close_time, bundle.last_close_e8 / 1e8]));
  const end = world.rounds.at(-1)?.bundle.close_time ?? BUNDLES[0].close_time - MINUTE;
  const random = generator(20_240_730);
  const prices = [];
  let price = 66_542;
  // Backwards from the first round, so that the invented prices meet the real ones.
  for (let close = end; close > end - 240 * MINUTE; close -= MINUTE) {
    price = closes.get(close) ?? price * (1 + (random() + random() + random() - 1.5) * 9e-4 + Math.sin(close / 2_600) * 1.1e-4);
    prices.unshift([close - MINUTE, price]);
  }
  return prices.map(([open, close], index) => {
    const before = index === 0 ? close : prices[index - 1][1];
    const reach = 6 + random() * 26;
    const text = (value) => value.toFixed(2);
    return [open * 1000, text(before), text(Math.max(before, close) + reach * random()), text(Math.min(before, close) - reach * random()), text(close), text(4 + random() * 30)];
  });
}

/** A repeatable stream of numbers in 0..1 (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
