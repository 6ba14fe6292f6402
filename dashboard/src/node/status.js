// /status: the node's own word about its health and its rounds. It never decides what is shown as verified.
import { askNode, isBoolean, isNullOr, isNumber, isText, want } from "./shape.js";

/** The stages of a round, in order. */
export const STAGES = ["fetched", "inferred", "proven", "verified", "attested", "simulated", "sent", "included", "final"];

/** Reads and checks /status. */
export async function readStatus(url, fetcher) {
  return checkStatus(await askNode(url, fetcher));
}

/** A checked copy of an answer. */
export function checkStatus(answer) {
  const { version, started_at, now, ready, checks, candles, chain, oracles } = want(
    typeof answer === "object" && answer !== null,
    answer,
    "object",
  );
  return {
    version: want(isText(version), version, "version"),
    startedAt: want(isNumber(started_at), started_at, "started_at"),
    now: want(isNumber(now), now, "now"),
    ready: want(isBoolean(ready), ready, "ready"),
    checks: want(Array.isArray(checks), checks, "checks").map((check) => ({
      name: want(isText(check?.name), check?.name, "checks[].name"),
      ok: want(isBoolean(check.ok), check.ok, "checks[].ok"),
      detail: want(isNullOr(isText, check.detail), check.detail, "checks[].detail") ?? "",
    })),
    candles: {
      source: want(isText(candles?.source), candles?.source, "candles.source"),
      lag: want(isNullOr(isNumber, candles.lag_s), candles.lag_s, "candles.lag_s") ?? null,
      exchanges: want(Array.isArray(candles.exchanges) && candles.exchanges.every(isText), candles.exchanges, "candles.exchanges"),
    },
    chain: {
      chainId: want(isNumber(chain?.chain_id), chain?.chain_id, "chain.chain_id"),
      block: want(isNullOr(isNumber, chain.block), chain.block, "chain.block") ?? null,
      address: want(isText(chain.address), chain.address, "chain.address"),
      balance: wei(chain.balance_wei),
    },
    oracles: want(Array.isArray(oracles), oracles, "oracles").map(oracle),
  };
}

function wei(text) {
  if (text === null || text === undefined) return null;
  return BigInt(want(isText(text) && /^\d+$/.test(text), text, "chain.balance_wei"));
}

function oracle(answer) {
  const { name, address, attestors, threshold, next_close, rounds } = want(
    typeof answer === "object" && answer !== null,
    answer,
    "oracles[]",
  );
  return {
    name: want(isText(name), name, "oracles[].name"),
    address: want(isText(address), address, "oracles[].address"),
    attestors: want(isNullOr(isNumber, attestors), attestors, "oracles[].attestors") ?? null,
    threshold: want(isNullOr(isNumber, threshold), threshold, "oracles[].threshold") ?? null,
    nextClose: want(isNullOr(isNumber, next_close), next_close, "oracles[].next_close") ?? null,
    rounds: want(Array.isArray(rounds), rounds, "oracles[].rounds").map(round),
  };
}

function round(answer) {
  const at = (name) => `oracles[].rounds[].${name}`;
  const { close_time, stage, confidence, round: id, prove_ms, reason } = want(
    typeof answer === "object" && answer !== null,
    answer,
    "oracles[].rounds[]",
  );
  return {
    closeTime: want(isNumber(close_time), close_time, at("close_time")),
    stage: want(isText(stage), stage, at("stage")),
    confidence: want(isNullOr(isNumber, confidence), confidence, at("confidence")) ?? null,
    id: want(isNullOr(isNumber, id), id, at("round")) ?? null,
    proveMs: want(isNullOr(isNumber, prove_ms), prove_ms, at("prove_ms")) ?? null,
    reason: want(isNullOr(isText, reason), reason, at("reason")) ?? null,
  };
}
