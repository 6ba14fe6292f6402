// Judges a round from what the chain says of it. Pure: everything asked for lies in the evidence.
//
//   storage -> event -> transaction -> statement -> proof -> attestors
//
// A step is verified, failed, unknown (the RPC gave no answer, and no answer is not a yes) or pending.
import { dateTime, hexCut, plural, priceE8 } from "../format.js";
import { className } from "../classes.js";
import { bindingOf, decodeStatement, signersOf } from "./statement.js";

/** The steps, in order: key and what a reader sees. */
export const STEPS = [
  ["stored", "Stored round"],
  ["event", "Event"],
  ["transaction", "Transaction"],
  ["statement", "Statement"],
  ["proof", "Proof"],
  ["quorum", "Attestors"],
];

const verified = (detail) => ({ state: "verified", detail });
const failed = (detail) => ({ state: "failed", detail });
const unknown = (detail) => ({ state: "unknown", detail });
const pending = { state: "pending", detail: "" };

/**
 * Judges every step.
 * @param evidence fields are undefined while not asked for, `{ error }` when the RPC failed, else `{ value }`
 * @param oracle `{ chainId, address, symbol, timeframe, windowValues, classes, attestors, threshold }`
 */
export function judge(evidence, oracle) {
  const facts = { ...evidence, oracle, decoded: decode(evidence, oracle) };
  return STEPS.map(([key, name]) => ({ key, name, ...JUDGES[key](facts) }));
}

/** All steps in one word: failed before pending before unknown before verified. */
export function overall(steps) {
  return ["failed", "pending", "unknown"].find((state) => steps.some((step) => step.state === state)) ?? "verified";
}

function decode({ submission }, oracle) {
  if (!submission?.value) return null;
  return decodeStatement(submission.value.publicInputs, oracle.windowValues, oracle.classes);
}

const JUDGES = {
  stored({ stored, oracle }) {
    const missing = absent(stored);
    if (missing) return missing;
    if (stored.value === null) return failed("The oracle has no such round.");
    const { value } = stored;
    return verified(
      `${className(value.class, oracle.classes)}, close ${dateTime(value.closeTime)} UTC at ${priceE8(value.lastCloseE8)}, model ${value.modelId}.`,
    );
  },

  event({ stored, event }) {
    const missing = absent(event);
    if (missing) return missing;
    if (event.value === null) return unknown("The RPC gives no event for this round.");
    if (!stored?.value) return absent(stored) ?? failed("An event without a stored round.");
    const odd = ["class", "closeTime", "modelId", "lastCloseE8"].filter(
      (field) => event.value[field] !== stored.value[field],
    );
    if (odd.length > 0) return failed(`Event and storage differ in ${odd.join(", ")}.`);
    return verified(`SignalAccepted in block ${event.value.block} says the same as storage.`);
  },

  transaction({ event, receipt }) {
    if (event?.value === null) return unknown("Without an event there is no transaction to look at.");
    const missing = absent(event) ?? absent(receipt);
    if (missing) return missing;
    if (receipt.value === null) return unknown("The RPC has no receipt of it.");
    if (receipt.value.status !== 1) return failed("The transaction reverted.");
    const { log, blockHash } = event.value;
    const held = receipt.value.logs.some((other) => sameLog(other, log));
    if (!held || receipt.value.blockHash !== blockHash) return failed("The transaction's receipt does not hold the event.");
    return verified("It succeeded, and its receipt holds the event.");
  },

  statement({ stored, event, submission, decoded, oracle }) {
    if (event?.value === null) return unknown("Without an event there is no calldata to look at.");
    const missing = absent(event) ?? absent(submission);
    if (missing) return missing;
    if (submission.value === null) return unknown("Its calldata is no submission of this window: it came through another contract.");
    const { value } = submission;
    if (decoded.problem) return failed(`Public inputs: ${decoded.problem}.`);
    if (value.modelId !== event.value.modelId) return failed("The calldata names another model.");
    if (value.lastCloseE8 !== event.value.lastCloseE8) return failed("The calldata names another last close.");
    if (decoded.binding !== bindingOf(oracle, value.closeTime, value.lastCloseE8)) {
      return failed("The proof is bound to another chain, oracle, window or price.");
    }
    if (decoded.digest !== event.value.inputsDigest) return failed("The inputs are not those of the event's digest.");
    if (!stored?.value || decoded.class !== stored.value.class) return failed("The largest logit is not the stored class.");
    return verified(
      `${oracle.windowValues} inputs, bound to this chain, oracle and minute; logits ${decoded.logits.join(", ")} give ${className(decoded.class, oracle.classes)}.`,
    );
  },

  proof({ event, submission, route, verdict }) {
    if (event?.value === null || submission?.value === null) return unknown("Without calldata there is no proof to check.");
    const missing = absent(event) ?? absent(submission) ?? absent(route);
    if (missing) return missing;
    const { verifier, codehash, deployed, proofLength, frozen } = route.value;
    if (/^0x0+$/.test(verifier)) return failed("The gateway has no route for this model.");
    if (deployed !== codehash) return failed(`The code at ${verifier} is not the verifier that was routed.`);
    const bytes = submission.value.proof.length / 2 - 1;
    if (bytes !== proofLength) return failed(`${bytes} bytes instead of ${proofLength}.`);
    const unheard = absent(verdict);
    if (unheard) return unheard;
    if (!verdict.value) return failed(`The verifier at ${verifier} rejects the proof.`);
    const stopped = frozen ? " The model has been frozen since." : "";
    return verified(`The verifier at ${verifier} accepts its ${bytes} bytes.${stopped}`);
  },

  quorum({ event, submission, oracle, then }) {
    if (event?.value === null || submission?.value === null) return unknown("Without calldata there are no signatures to check.");
    const missing = absent(event) ?? absent(submission);
    if (missing) return missing;
    const signers = quorum({ event, submission, oracle });
    if (signers === null) return failed("The signatures are malformed.");
    const answer = (set, when) => {
      const strangers = signers.filter((signer) => !set.attestors.includes(signer));
      if (strangers.length > 0) return failed(`${hexCut(strangers[0])} signed and was no attestor.`);
      if (new Set(signers).size < set.threshold) return failed(`${signers.length} signed, ${set.threshold} were needed.`);
      return verified(`${signers.length} of ${plural(set.attestors.length, "attestor")} ${when} signed this window.`);
    };
    const now = answer(oracle, "of today");
    if (now.state === "verified") return now;
    // The set may have changed since: the set of that block decides.
    if (then?.error) return unknown(`Not the attestors of today, and those of that block are not to be had (${then.error}).`);
    return absent(then) ?? answer(then.value, "of that block");
  },
};

/** Signers found before, by submission: recovering them is the one slow thing here. */
const recovered = new WeakMap();

/** Who signed; null when that cannot be told. */
export function quorum({ event, submission, oracle }) {
  const { closeTime, lastCloseE8, inputsDigest } = event.value;
  const { attestations } = submission.value;
  const key = [oracle.chainId, oracle.address, closeTime, lastCloseE8, inputsDigest, attestations].join();
  const before = recovered.get(submission.value);
  if (before?.key === key) return before.signers;
  let signers = null;
  try {
    signers = signersOf(oracle, { closeTime, lastCloseE8, inputsDigest }, attestations);
  } catch {
    // Malformed signatures have no signers.
  }
  recovered.set(submission.value, { key, signers });
  return signers;
}

/** What to say while a part of the evidence is not there. */
function absent(part) {
  if (part === undefined) return pending;
  if (part.error) return unknown(`${part.error.charAt(0).toUpperCase()}${part.error.slice(1)}.`);
  return null;
}

const sameLog = (a, b) =>
  a.address.toLowerCase() === b.address.toLowerCase() &&
  a.data === b.data &&
  a.topics.length === b.topics.length &&
  a.topics.every((topic, i) => topic === b.topics[i]);
