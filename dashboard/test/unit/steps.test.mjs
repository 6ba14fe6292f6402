import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, overall } from "../../src/chain/steps.js";
import { submissionOf } from "../../src/chain/statement.js";
import { bundle, calldataOf, evidenceOf, oracleOf } from "../support/rounds.mjs";

const source = bundle(4);
const oracle = oracleOf(source);
const good = () => evidenceOf(source, submissionOf(calldataOf(source), source.close_time));
const states = (evidence, judged = oracle) => Object.fromEntries(judge(evidence, judged).map(({ key, state }) => [key, state]));
const ALL = { stored: "verified", event: "verified", transaction: "verified", statement: "verified", proof: "verified", quorum: "verified" };

test("a good round is verified in every step", () => {
  assert.deepEqual(states(good()), ALL);
  assert.equal(overall(judge(good(), oracle)), "verified");
  for (const step of judge(good(), oracle)) assert.match(step.detail, /\.$/);
});

/** What is altered -> the steps that must fail. */
const ALTERED = [
  ["no stored round", (e) => (e.stored = { value: null }), ["stored", "event", "statement"]],
  ["stored class", (e) => (e.stored.value.class = 0), ["event", "statement"]],
  ["stored close price", (e) => (e.stored.value.lastCloseE8 += 1n), ["event"]],
  ["event's model", (e) => (e.event.value.modelId = "0x00000001"), ["event", "statement"]],
  ["event's close time", (e) => (e.event.value.closeTime += 60), ["event", "quorum"]],
  ["event's digest", (e) => (e.event.value.inputsDigest = `0x${"00".repeat(32)}`), ["statement", "quorum"]],
  ["a reverted transaction", (e) => (e.receipt.value.status = 0), ["transaction"]],
  ["a receipt without the event", (e) => (e.receipt.value.logs = []), ["transaction"]],
  ["a receipt of another block", (e) => (e.receipt.value.blockHash = `0x${"cd".repeat(32)}`), ["transaction"]],
  ["an event of another contract", (e) => (e.event.value.log = { ...e.event.value.log, address: `0x${"9".repeat(40)}` }), ["transaction"]],
  ["the binding", (e) => (e.submission.value.publicInputs[0] ^= 1n), ["statement"]],
  ["an input", (e) => (e.submission.value.publicInputs[5] ^= 1n), ["statement"]],
  ["the logits", (e) => (e.submission.value.publicInputs[17] = 1n << 63n), ["statement"]],
  ["the calldata's price", (e) => (e.submission.value.lastCloseE8 += 1n), ["statement"]],
  ["storage's and the event's price", (e) => (e.stored.value.lastCloseE8 = e.event.value.lastCloseE8 += 1n), ["statement", "quorum"]],
  ["no route", (e) => (e.route.value.verifier = `0x${"00".repeat(20)}`), ["proof"]],
  ["other code at the verifier", (e) => (e.route.value.deployed = `0x${"77".repeat(32)}`), ["proof"]],
  ["a longer proof", (e) => (e.submission.value.proof += "00"), ["proof"]],
  ["a proof that the verifier rejects", (e) => (e.verdict = { value: false }), ["proof"]],
  ["a signature", (e) => (e.submission.value.attestations = flip(e.submission.value.attestations, 20)), ["quorum"]],
  ["half the signatures", (e) => (e.submission.value.attestations = e.submission.value.attestations.slice(0, 132)), ["quorum"]],
  ["one signature twice", (e) => (e.submission.value.attestations = twice(e.submission.value.attestations)), ["quorum"]],
];

const flip = (hex, at) => hex.slice(0, at) + (hex[at] === "0" ? "1" : "0") + hex.slice(at + 1);
const twice = (hex) => hex.slice(0, 132) + hex.slice(2, 132);

for (const [what, alter, failing] of ALTERED) {
  test(`altered: ${what} fails ${failing.join(", ")}`, () => {
    const evidence = good();
    // Whoever signed is looked up in the set of that block, too.
    evidence.then = { value: { attestors: oracle.attestors, threshold: oracle.threshold } };
    alter(evidence);
    const want = { ...ALL, ...Object.fromEntries(failing.map((key) => [key, "failed"])) };
    assert.deepEqual(states(evidence), want);
    assert.equal(overall(judge(evidence, oracle)), "failed");
  });
}

test("an RPC that fails leaves steps unknown, never verified", () => {
  const error = { error: "the RPC answers: limit exceeded" };
  const unknown = (part, keys) => {
    const found = states({ ...good(), [part]: error });
    for (const key of keys) assert.equal(found[key], "unknown", `${part}: ${key}`);
  };
  unknown("stored", ["stored", "event"]);
  unknown("event", ["event", "transaction", "statement", "proof", "quorum"]);
  unknown("receipt", ["transaction"]);
  unknown("submission", ["statement", "proof", "quorum"]);
  unknown("route", ["proof"]);
  unknown("verdict", ["proof"]);
});

test("a missing event or foreign calldata is unknown, not failed", () => {
  const lost = states({ stored: good().stored, event: { value: null } });
  assert.deepEqual(lost, { stored: "verified", event: "unknown", transaction: "unknown", statement: "unknown", proof: "unknown", quorum: "unknown" });
  const foreign = states({ ...good(), submission: { value: null } });
  assert.deepEqual([foreign.statement, foreign.proof, foreign.quorum], ["unknown", "unknown", "unknown"]);
  assert.equal(states({ ...good(), receipt: { value: null } }).transaction, "unknown");
});

test("what has not been asked for is pending", () => {
  assert.deepEqual(new Set(Object.values(states({}))), new Set(["pending"]));
  assert.equal(states({ ...good(), verdict: undefined }).proof, "pending");
  assert.equal(overall(judge({ ...good(), verdict: undefined }, oracle)), "pending");
});

test("attestors that have changed since are looked up as of their block", () => {
  const today = { ...oracle, attestors: [`0x${"4".repeat(40)}`], threshold: 1 };
  assert.equal(states(good(), today).quorum, "pending");
  const then = { value: { attestors: oracle.attestors, threshold: oracle.threshold } };
  assert.equal(states({ ...good(), then }, today).quorum, "verified");
  assert.equal(states({ ...good(), then: { error: "missing trie node" } }, today).quorum, "unknown");
});

test("a model frozen later does not unmake a proof", () => {
  const evidence = good();
  evidence.route.value.frozen = true;
  const proof = judge(evidence, oracle).find((step) => step.key === "proof");
  assert.equal(proof.state, "verified");
  assert.match(proof.detail, /frozen since/);
});
