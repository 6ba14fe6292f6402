// Gathers what the chain says of a round. Each part is kept as { value } or { error }: an RPC that fails in one place
// leaves that one step unknown.
import { getAddress, keccak256 } from "ethers";
import { GATEWAY, ORACLE, VERIFIER } from "./abi.js";
import { hex } from "./blocks.js";
import { describe, isRevert } from "./failure.js";
import { judge } from "./steps.js";
import { submissionOf } from "./statement.js";

const ACCEPTED_WORD = `0x${"1".padStart(64, "0")}`;

/** Waits for an answer and keeps a failure as a sentence. */
async function part(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    return { error: describe(error) };
  }
}

/** A stored round as plain data; null when the oracle has none of that id. */
export async function storedRound(client, oracle, id) {
  try {
    const found = await client.call(oracle, ORACLE, "round", [id]);
    return {
      id,
      closeTime: Number(found.closeTime),
      acceptedAt: Number(found.acceptedAt),
      class: Number(found.class),
      modelId: found.modelId,
      lastCloseE8: found.lastCloseE8,
    };
  } catch (error) {
    if (isRevert(error)) return null;
    throw error;
  }
}

/** Routes by model id, each asked for once: a route is never changed, only frozen. */
export class Routes {
  constructor(client, gateway) {
    this.client = client;
    this.gateway = gateway;
    this.known = new Map();
  }

  /** The route of a model, with the hash of the code that is really there. */
  of(modelId) {
    if (!this.known.has(modelId)) {
      const asked = this.ask(modelId);
      asked.catch(() => this.known.delete(modelId));
      this.known.set(modelId, asked);
    }
    return this.known.get(modelId);
  }

  async ask(modelId) {
    const route = await this.client.call(this.gateway, GATEWAY, "route", [modelId]);
    const { verifier, codehash, frozen } = route;
    const code = await this.client.send("eth_getCode", [verifier, "latest"]);
    return { verifier, codehash, frozen, proofLength: Number(route.proofLength), deployed: keccak256(code) };
  }
}

/**
 * Gathers the evidence of one round whose storage and event are known, telling of every part as it comes.
 * @param known `{ stored, event }`
 * @param tell hears the evidence so far
 * @returns the whole evidence
 */
export async function gather({ client, oracle, routes, known, tell }) {
  let evidence = known;
  const add = (more) => {
    evidence = { ...evidence, ...more };
    tell(evidence);
  };
  tell(evidence);
  const event = known.event.value;
  if (!event) return evidence;

  const [transaction, receipt] = await Promise.all([
    part(client.send("eth_getTransactionByHash", [event.tx])),
    part(client.send("eth_getTransactionReceipt", [event.tx])),
  ]);
  const submission = submissionPart(transaction, event);
  add({ receipt: receiptPart(receipt), submission });
  if (!submission.value) return evidence;

  const route = await part(routes.of(event.modelId));
  add({ route });
  if (route.value && route.value.deployed === route.value.codehash) {
    add({ verdict: await part(verify(client, route.value.verifier, submission.value)) });
  }
  const [, , , , , quorum] = judge(evidence, oracle);
  if (quorum.state === "pending") add({ then: await part(attestorsAt(client, oracle.address, event.block)) });
  return evidence;
}

function submissionPart(transaction, event) {
  if (transaction.error) return transaction;
  if (transaction.value === null) return { error: "the RPC does not have the transaction" };
  return { value: submissionOf(transaction.value.input, event.closeTime) };
}

function receiptPart(receipt) {
  if (!receipt.value) return receipt;
  const { status, gasUsed, effectiveGasPrice, blockHash, logs, from, to } = receipt.value;
  return {
    value: {
      status: Number(status),
      gasUsed: Number(gasUsed),
      fee: BigInt(gasUsed) * BigInt(effectiveGasPrice ?? 0),
      blockHash,
      logs,
      from,
      to,
    },
  };
}

/** Whether the verifier accepts the proof now: true for the word 1, false for a revert or any other answer. */
async function verify(client, verifier, { publicInputs, proof }) {
  const data = VERIFIER.encodeFunctionData("verify", [publicInputs, proof]);
  try {
    return (await client.send("eth_call", [{ to: verifier, data }, "latest"])) === ACCEPTED_WORD;
  } catch (error) {
    if (isRevert(error)) return false;
    throw error;
  }
}

async function attestorsAt(client, oracle, block) {
  const [attestors, threshold] = await Promise.all([
    client.call(oracle, ORACLE, "attestors", [], hex(block)),
    client.call(oracle, ORACLE, "threshold", [], hex(block)),
  ]);
  return { attestors: attestors.map((attestor) => getAddress(attestor)), threshold: Number(threshold) };
}
