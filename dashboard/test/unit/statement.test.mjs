import assert from "node:assert/strict";
import { test } from "node:test";
import { getAddress } from "ethers";
import { ORACLE } from "../../src/chain/abi.js";
import { bindingOf, decodeStatement, marginOf, signersOf, submissionOf } from "../../src/chain/statement.js";
import { bundle, calldataOf, fixture, oracleOf, submissionOf as submitted } from "../support/rounds.mjs";

const words = (hex) => hex.map(BigInt);

for (const [name, classes] of [["rounds", 3], ["regimes", 2]]) {
  test(`public inputs of every fixture in ${name}.json decode to its logits and class`, () => {
    const { rounds } = fixture(name);
    assert.equal(rounds.length, 10);
    for (const round of rounds) {
      const decoded = decodeStatement(words(round.publicInputs), 496, classes);
      assert.equal(decoded.problem, null);
      assert.deepEqual(decoded.logits.map(String), round.logits);
      assert.equal(decoded.class, round.signal);
    }
  });
}

test("digest, binding and signers of every bundle are its own", () => {
  for (let number = 1; number <= 10; ++number) {
    const evidence = bundle(number);
    const oracle = oracleOf(evidence);
    const decoded = decodeStatement(words(evidence.public_inputs), 496, 3);
    assert.equal(decoded.digest, evidence.inputs_digest);
    assert.equal(decoded.binding, bindingOf(oracle, evidence.close_time, evidence.last_close_e8));
    const statement = { closeTime: evidence.close_time, lastCloseE8: evidence.last_close_e8, inputsDigest: evidence.inputs_digest };
    const signers = signersOf(oracle, statement, evidence.attestations);
    assert.equal(signers.length, 2);
    const attestors = evidence.attestors.map((attestor) => getAddress(attestor));
    for (const signer of signers) assert.ok(attestors.includes(signer));
  }
});

test("binding changes with everything that it binds", () => {
  const oracle = oracleOf(bundle(1));
  const bound = bindingOf(oracle, 60, 5);
  const others = [
    bindingOf({ ...oracle, chainId: 1 }, 60, 5),
    bindingOf({ ...oracle, address: `0x${"1".repeat(40)}` }, 60, 5),
    bindingOf({ ...oracle, timeframe: 300 }, 60, 5),
    bindingOf(oracle, 120, 5),
    bindingOf(oracle, 60, 6),
  ];
  assert.equal(new Set([bound, ...others]).size, 6);
});

test("words that are not canonical are named", () => {
  const good = words(bundle(1).public_inputs);
  const change = (index, value) => good.map((word, i) => (i === index ? value : word));
  const problem = (inputs) => decodeStatement(inputs, 496, 3).problem;
  assert.equal(problem(good.slice(1)), "18 public inputs instead of 19");
  assert.equal(problem(change(3, good[3] | (1n << 248n))), "input word 3 is not canonical");
  assert.equal(problem(change(17, good[17] + (1n << 192n))), "the word of the logits is not canonical");
  assert.equal(problem(change(18, 2n)), "class 2 is not the largest logit, 0 is");
  // 40 values: the last word has nine bytes.
  const short = [0n, 1n, 1n << 72n, (1n << 63n) | (1n << 127n), 0n];
  assert.equal(decodeStatement(short, 40, 2).problem, "input word 2 is not canonical");
});

test("the lowest class wins a tie", () => {
  const logits = (5n << 64n) | 5n;
  assert.equal(decodeStatement([0n, 0n, logits, 0n], 31, 2).class, 0);
  assert.equal(decodeStatement([0n, 0n, logits, 1n], 31, 2).problem, "class 1 is not the largest logit, 0 is");
});

test("the margin is the lead over the second", () => {
  assert.equal(marginOf([-22583n, -32623n, -23935n]), 1352n);
  assert.equal(marginOf([4n, 4n]), 0n);
});

test("a submission is found alone and in a batch, and in nothing else", () => {
  const evidence = bundle(2);
  assert.equal(submissionOf(calldataOf(evidence), evidence.close_time).batch, 1);
  assert.equal(submissionOf(calldataOf(evidence), evidence.close_time + 60), null);
  const batch = ORACLE.encodeFunctionData("submitBatch", [[submitted(bundle(1)), submitted(evidence)]]);
  const found = submissionOf(batch, evidence.close_time);
  assert.equal(found.batch, 2);
  assert.equal(found.proof, evidence.proof);
  for (const other of ["0x", "0x12345678", calldataOf(evidence).slice(0, 400)]) assert.equal(submissionOf(other, evidence.close_time), null);
});

test("signatures of a wrong length are refused", () => {
  const oracle = oracleOf(bundle(1));
  const statement = { closeTime: 60, lastCloseE8: 5, inputsDigest: bundle(1).inputs_digest };
  assert.throws(() => signersOf(oracle, statement, "0x"), /wrong length/);
  assert.throws(() => signersOf(oracle, statement, `0x${"00".repeat(64)}`), /wrong length/);
});
