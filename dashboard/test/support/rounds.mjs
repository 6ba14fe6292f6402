// The committed rounds as the chain would tell of them, for tests without a chain.
import { encodeBytes32String, getAddress } from "ethers";
import { readFileSync } from "node:fs";
import { ORACLE } from "../../src/chain/abi.js";

const json = (path) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"));

export const bundle = (number) => json(`test/replay/bundles/round-${number}.json`);
export const fixture = (name) => json(`test/fixtures/${name}.json`);

/** The oracle of a bundle. */
export const oracleOf = (evidence) => ({
  chainId: evidence.chain_id,
  address: getAddress(evidence.oracle),
  symbol: encodeBytes32String("BTC/USDT"),
  timeframe: 60,
  windowValues: 496,
  classes: 3,
  attestors: evidence.attestors.map((attestor) => getAddress(attestor)),
  threshold: evidence.threshold,
});

/** A bundle's submission as the contract takes it. */
export const submissionOf = (evidence) => ({
  modelId: evidence.model_id,
  closeTime: evidence.close_time,
  lastCloseE8: evidence.last_close_e8,
  proof: evidence.proof,
  publicInputs: evidence.public_inputs,
  attestations: evidence.attestations,
});

/** The calldata of `submit`. */
export const calldataOf = (evidence) => ORACLE.encodeFunctionData("submit", [submissionOf(evidence)]);

const HASH = `0x${"ab".repeat(32)}`;
const VERIFIER = `0x${"12".repeat(20)}`;

/** Everything a page would have read of a bundle's round, all of it good. */
export function evidenceOf(evidence, submission) {
  const { round, stored, inputs_digest, tx } = evidence;
  const facts = { closeTime: stored.close_time, class: stored.class, modelId: stored.model_id, lastCloseE8: BigInt(stored.last_close_e8) };
  const log = { address: evidence.oracle, topics: [HASH], data: "0x1234" };
  return {
    stored: { value: { id: round, acceptedAt: stored.close_time + 4, ...facts } },
    event: { value: { id: round, ...facts, inputsDigest: inputs_digest, submitter: VERIFIER, tx, block: 7, blockHash: HASH, log } },
    receipt: { value: { status: 1, gasUsed: 308_669, fee: 1n, blockHash: HASH, logs: [log] } },
    submission: { value: submission },
    route: { value: { verifier: VERIFIER, codehash: HASH, deployed: HASH, frozen: false, proofLength: 864 } },
    verdict: { value: true },
  };
}
