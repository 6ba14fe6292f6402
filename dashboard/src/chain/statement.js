// What a submission says: its calldata, its public inputs, its attestations.
//
//   [binding, packed words.., logits, class]      31 values a word, logit i + 2^63 in bits 64 i .. 64 i + 63
import { AbiCoder, TypedDataEncoder, concat, getAddress, keccak256, recoverAddress, toBeHex } from "ethers";
import { ORACLE } from "./abi.js";

const VALUES_PER_WORD = 31;
const LOGIT_BITS = 64n;
const LOGIT_OFFSET = 1n << 63n;
const SIGNATURE = 65;
const WINDOW = {
  Window: ["bytes32 symbol", "uint32 timeframe", "uint64 closeTime", "int64 lastCloseE8", "bytes32 inputsDigest"].map(
    (field) => ({ type: field.split(" ")[0], name: field.split(" ")[1] }),
  ),
};

/** What a transaction submitted for a close time, alone or in a batch; null if it is another call. */
export function submissionOf(calldata, closeTime) {
  try {
    const call = ORACLE.parseTransaction({ data: calldata });
    if (call?.name !== "submit" && call?.name !== "submitBatch") return null;
    const all = call.name === "submit" ? [call.args[0]] : [...call.args[0]];
    const found = all.find((submission) => Number(submission.closeTime) === closeTime);
    if (!found) return null;
    return {
      modelId: found.modelId,
      closeTime: Number(found.closeTime),
      lastCloseE8: found.lastCloseE8,
      proof: found.proof,
      publicInputs: [...found.publicInputs],
      attestations: found.attestations,
      batch: all.length,
    };
  } catch {
    return null;
  }
}

/**
 * Public inputs, decoded. `problem` is null when they are canonical, else what is wrong with them.
 * @param words public inputs as bigints
 */
export function decodeStatement(words, windowValues, classes) {
  const packedCount = Math.ceil(windowValues / VALUES_PER_WORD);
  const count = packedCount + 3;
  if (words.length !== count) return { problem: `${words.length} public inputs instead of ${count}` };
  const packed = words.slice(1, 1 + packedCount);
  const [logitsWord, classWord] = words.slice(-2);
  const last = windowValues - VALUES_PER_WORD * (packedCount - 1);
  const limit = (index) => 1n << BigInt(8 * (index === packedCount - 1 ? last : VALUES_PER_WORD));
  const loose = packed.findIndex((word, index) => word >= limit(index));
  const logits = Array.from(
    { length: classes },
    (_, i) => ((logitsWord >> (LOGIT_BITS * BigInt(i))) & (2n ** LOGIT_BITS - 1n)) - LOGIT_OFFSET,
  );
  const best = logits.reduce((chosen, logit, i) => (logit > logits[chosen] ? i : chosen), 0);
  let problem = null;
  if (loose >= 0) problem = `input word ${loose + 1} is not canonical`;
  else if (logitsWord >> (LOGIT_BITS * BigInt(classes)) !== 0n) problem = "the word of the logits is not canonical";
  else if (classWord !== BigInt(best)) problem = `class ${classWord} is not the largest logit, ${best} is`;
  return {
    problem,
    binding: words[0],
    digest: keccak256(concat(packed.map((word) => toBeHex(word, 32)))),
    logits,
    margin: marginOf(logits),
    class: best,
  };
}

/** By how much the largest logit leads the next. */
export function marginOf(logits) {
  const [best, second] = [...logits].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return best - second;
}

/** The first public input that a window of an oracle must have. */
export function bindingOf({ chainId, address, symbol, timeframe }, closeTime, lastCloseE8) {
  const types = ["uint256", "address", "bytes32", "uint32", "uint64", "int64"];
  const values = [chainId, address, symbol, timeframe, closeTime, lastCloseE8];
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(types, values))) >> 8n;
}

/** Who signed a window: one address for each signature of 65 bytes. Throws on malformed ones. */
export function signersOf({ chainId, address, symbol, timeframe }, { closeTime, lastCloseE8, inputsDigest }, attestations) {
  const domain = { name: "VeriRegime", version: "1", chainId, verifyingContract: address };
  const digest = TypedDataEncoder.hash(domain, WINDOW, { symbol, timeframe, closeTime, lastCloseE8, inputsDigest });
  const hex = attestations.slice(2);
  if (hex.length === 0 || hex.length % (2 * SIGNATURE) !== 0) throw new Error("attestations of a wrong length");
  return Array.from({ length: hex.length / (2 * SIGNATURE) }, (_, i) =>
    getAddress(recoverAddress(digest, `0x${hex.slice(2 * SIGNATURE * i, 2 * SIGNATURE * (i + 1))}`)),
  );
}
