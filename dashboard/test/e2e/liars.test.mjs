// RPCs that lie, fail or are limited, and chains that were tampered with: nothing false is marked as verified, nothing
// that was merely not answered as failed.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { AbiCoder, Interface, keccak256, toBeHex } from "ethers";
import { ORACLE, VERIFIER } from "../../src/chain/abi.js";
import { closeAll, open, picture, shows, sound, startBrowser } from "../support/browser.mjs";
import { configOf } from "../support/node-answers.mjs";
import { startProxy } from "../support/rpc-proxy.mjs";
import { startSite } from "../support/site.mjs";
import { BUNDLES, nextRound, startWorld, transact } from "../support/world.mjs";

const KEYS = ["stored", "event", "transaction", "statement", "proof", "quorum"];
const ALL = Object.fromEntries(KEYS.map((key) => [key, "verified"]));
const FREEZE = new Interface(["function freeze(bytes4 modelId)"]);
const ATTESTORS = new Interface(["function setAttestors(address[] attestors, uint8 threshold)"]);
const ROUND = 4;

describe("liars", { concurrency: false }, () => {
  let world, proxy, site, browser, snapshot;

  before(async () => {
    world = await startWorld();
    for (let i = 0; i < 6; ++i) await nextRound(world);
    proxy = await startProxy(world.chain.rpc);
    site = await startSite({ "/dashboard.json": () => configOf(world, { rpc: proxy.url, node: false }) });
    browser = await startBrowser();
  });
  beforeEach(async () => {
    proxy.honest();
    snapshot = await world.chain.call("evm_snapshot", []);
  });
  afterEach(async () => {
    await closeAll(browser);
    await world.chain.call("evm_revert", [snapshot]);
  });
  after(async () => {
    await browser.close();
    site.close();
    proxy.close();
    world.chain.stop();
  });

  /** Opens the page and one round's details once everything has been judged. */
  async function judged(id = ROUND) {
    const { page, problems } = await open(browser, site.url);
    const count = world.rounds.length;
    await page.waitForFunction((count) => document.querySelectorAll(".toggle").length === count && !document.querySelector(".toggle .state.is-pending"), {}, count);
    await page.click(`.round:nth-of-type(${count - id + 1}) .toggle`);
    await page.waitForSelector(".steps");
    const steps = await page.$$eval(".steps li", (all) => all.map((one) => [one.dataset.step, one.className.replace("is-", "")]));
    const rows = await page.$$eval(".round", (all) => all.map((one) => /is-(verified|failed|unknown)/.exec(one.className)?.[1]));
    return { page, problems, steps: Object.fromEntries(steps), rows: rows.reverse() };
  }

  /** The other rounds are untouched. */
  const others = (rows, state = "verified") => assert.deepEqual(new Set(rows.filter((_, i) => i !== ROUND - 1)), new Set([state]));
  const flip = (hex, at) => hex.slice(0, at) + (hex[at] === "0" ? "1" : "0") + hex.slice(at + 1);
  const onTransaction = (change) => (request, answer) => {
    if (request.method === "eth_getTransactionByHash" && request.params[0] === world.rounds[ROUND - 1].tx) change(answer.result);
    return answer;
  };

  test("honest: every step of every round is verified without a node", async () => {
    const { page, problems, steps, rows } = await judged();
    assert.deepEqual(steps, ALL);
    assert.deepEqual(new Set(rows), new Set(["verified"]));
    await shows(page, "#node-title + *, .panel", /No node beside this page/);
    await shows(page, ".panel-aside", /closes as the oracle accepted them/);
    await sound(page, problems);
  });

  test("a proof altered by one bit: the real verifier rejects it, and the page says so", async () => {
    const proof = BUNDLES[ROUND - 1].proof.slice(2);
    proxy.alter = onTransaction((transaction) => (transaction.input = flip(transaction.input, transaction.input.indexOf(proof) + 200)));
    const { page, problems, steps, rows } = await judged();
    assert.deepEqual(steps, { ...ALL, proof: "failed" });
    assert.equal(rows[ROUND - 1], "failed");
    others(rows);
    await shows(page, "[data-step=proof]", /Proof failed[\s\S]*The verifier at 0x\w+ rejects the proof\./);
    await picture(page, "failed-proof");
    await sound(page, problems);
  });

  test("an input altered by one bit: statement and proof fail", async () => {
    const word = BUNDLES[ROUND - 1].public_inputs[3].slice(2);
    proxy.alter = onTransaction((transaction) => (transaction.input = flip(transaction.input, transaction.input.indexOf(word) + 40)));
    const { steps } = await judged();
    assert.deepEqual(steps, { ...ALL, statement: "failed", proof: "failed" });
  });

  test("another round's valid proof and statement: its binding gives it away", async () => {
    const other = await world.chain.call("eth_getTransactionByHash", [world.rounds[ROUND].tx]);
    const [close, wanted] = [BUNDLES[ROUND].close_time, BUNDLES[ROUND - 1].close_time].map((time) => toBeHex(time, 32).slice(2));
    proxy.alter = onTransaction((transaction) => (transaction.input = other.input.replace(close, wanted)));
    const { steps } = await judged();
    assert.deepEqual(steps, { ...ALL, statement: "failed", quorum: "failed" });
  });

  test("an event with another class: storage disagrees, and the receipt does not hold it", async () => {
    proxy.alter = (request, answer) => {
      if (request.method !== "eth_getLogs") return answer;
      for (const log of answer.result) if (Number(log.topics[1]) === ROUND) log.topics[3] = toBeHex(1, 32);
      return answer;
    };
    const { steps } = await judged();
    assert.deepEqual(steps, { ...ALL, event: "failed", transaction: "failed" });
  });

  test("an event of another contract: not the oracle's word", async () => {
    proxy.alter = (request, answer) => {
      if (request.method !== "eth_getLogs") return answer;
      for (const log of answer.result) if (Number(log.topics[1]) === ROUND) log.address = world.gateway;
      return answer;
    };
    const { steps } = await judged();
    assert.deepEqual(steps, { ...Object.fromEntries(KEYS.map((key) => [key, "unknown"])), stored: "verified" });
  });

  test("a stored class altered on the chain itself: event and statement disagree with it", async () => {
    const slot = await slotOfRound(ROUND);
    const word = BigInt(await world.chain.call("eth_getStorageAt", [world.oracle, slot, "latest"]));
    // closeTime, acceptedAt, class: 64, 64 and 8 bits from the right; a BUY becomes a SELL.
    assert.equal((word >> 128n) & 0xffn, 2n);
    await world.chain.call("anvil_setStorageAt", [world.oracle, slot, toBeHex(word ^ (2n << 128n), 32)]);
    await world.chain.call("evm_mine", []);
    const { steps, rows } = await judged();
    assert.deepEqual(steps, { ...ALL, event: "failed", statement: "failed" });
    others(rows);
  });

  test("a verifier replaced by one that accepts everything: its code is not the routed one", async () => {
    await world.chain.call("anvil_setCode", [world.verifier, "0x600160005260206000f3"]);
    const { page, steps, rows } = await judged();
    assert.deepEqual(steps, { ...ALL, proof: "failed" });
    others(rows, "failed");
    await shows(page, "[data-step=proof]", /is not the verifier that was routed/);
    await shows(page, ".hero", /Failed\s+5 of 6 checks/);
  });

  test("a verifier call that the RPC answers with an error of its own: unknown", async () => {
    const verify = VERIFIER.getFunction("verify").selector;
    proxy.refuse = ({ method, params }) =>
      method === "eth_call" && params[0].data.startsWith(verify) ? { code: -32005, message: "daily limit exceeded" } : null;
    const { page, problems, steps, rows } = await judged();
    assert.deepEqual(steps, { ...ALL, proof: "unknown" });
    assert.deepEqual(new Set(rows), new Set(["unknown"]));
    await shows(page, "[data-step=proof]", /The RPC answers: daily limit exceeded/);
    await sound(page, problems);
  });

  test("a verifier that answers anything but the word 1: failed", async () => {
    const verify = VERIFIER.getFunction("verify").selector;
    proxy.alter = ({ method, params }, answer) =>
      method === "eth_call" && params[0].data.startsWith(verify) ? { ...answer, result: toBeHex(2, 32) } : answer;
    const { steps } = await judged();
    assert.deepEqual(steps, { ...ALL, proof: "failed" });
  });

  test("a transaction that the RPC has lost: unknown from the statement on", async () => {
    proxy.alter = (request, answer) =>
      request.method === "eth_getTransactionByHash" && request.params[0] === world.rounds[ROUND - 1].tx ? { ...answer, result: null } : answer;
    const { steps, rows } = await judged();
    assert.deepEqual(steps, { ...ALL, statement: "unknown", proof: "unknown", quorum: "unknown" });
    assert.equal(rows[ROUND - 1], "unknown");
    others(rows);
  });

  test("no logs at all: nothing but storage is verified", async () => {
    proxy.alter = (request, answer) => (request.method === "eth_getLogs" ? { ...answer, result: [] } : answer);
    const { steps } = await judged();
    assert.deepEqual(steps, { ...Object.fromEntries(KEYS.map((key) => [key, "unknown"])), stored: "verified" });
  });

  test("an RPC that looks at few blocks at once is told where to look", async () => {
    let refused = 0;
    proxy.refuse = ({ method, params }) => {
      if (method !== "eth_getLogs" || Number(params[0].toBlock) - Number(params[0].fromBlock) <= 3) return null;
      refused += 1;
      return { code: -32602, message: "query exceeds max block range 3" };
    };
    // Six rounds lie in more than three blocks, so each is looked for alone.
    const { page, steps, rows } = await judged(6);
    assert.deepEqual(steps, ALL);
    assert.deepEqual(new Set(rows), new Set(["verified"]));
    // It has learned: the next block's questions are not refused.
    const before = await page.$eval(".pill", (one) => one.innerText);
    await world.chain.call("evm_mine", []);
    await page.waitForFunction((text) => document.querySelector(".pill").innerText !== text, {}, before);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal(refused, 2);
  });

  test("an RPC that knows no batches is asked one by one", async () => {
    proxy.batches = false;
    const { steps } = await judged();
    assert.deepEqual(steps, ALL);
  });

  test("an attestor set changed since: the set of the round's block is asked for", async () => {
    const owner = await ownerOf(world.oracle);
    await world.chain.call("anvil_impersonateAccount", [owner]);
    await world.chain.call("anvil_setBalance", [owner, "0x56bc75e2d63100000"]);
    await transact(world.chain, owner, world.oracle, ATTESTORS.encodeFunctionData("setAttestors", [[world.submitter], 1]));
    const { page, steps } = await judged();
    assert.deepEqual(steps, ALL);
    await shows(page, "[data-step=quorum]", /2 of 3 attestors of that block signed/);
    await closeAll(browser);
    // An RPC without that block's state cannot tell.
    const head = Number(await world.chain.call("eth_blockNumber", []));
    proxy.refuse = ({ method, params }) =>
      method === "eth_call" && params[0].data === ORACLE.encodeFunctionData("attestors") && Number(params[1]) < head ? { code: -32000, message: "missing trie node" } : null;
    const pruned = await judged();
    assert.deepEqual(pruned.steps, { ...ALL, quorum: "unknown" });
  });

  test("a frozen model: the signal may not be used, its proof still holds", async () => {
    const guardian = world.chain.accounts[0];
    await nextRound(world, { execute: false });
    await transact(world.chain, guardian, world.gateway, FREEZE.encodeFunctionData("freeze", [BUNDLES[0].model_id]));
    const { page, problems, steps } = await judged();
    assert.deepEqual(steps, ALL);
    await shows(page, ".flag", /Model frozen/);
    await shows(page, ".hero-line", /contracts refuse this signal/);
    await shows(page, "[data-step=proof]", /The model has been frozen since/);
    await shows(page, ".plan", /The round's model has been frozen/);
    await picture(page, "frozen");
    await sound(page, problems);
    world.rounds.pop();
  });

  /** The storage slot of a round: the first mapping slot whose entry holds the round's close time. */
  async function slotOfRound(id) {
    for (let base = 0; base < 20; ++base) {
      const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [id, base]));
      const word = BigInt(await world.chain.call("eth_getStorageAt", [world.oracle, slot, "latest"]));
      if ((word & 0xffffffffffffffffn) === BigInt(BUNDLES[id - 1].close_time)) return slot;
    }
    throw new Error("the rounds' slot was not found");
  }

  async function ownerOf(address) {
    const abi = new Interface(["function owner() view returns (address)"]);
    return abi.decodeFunctionResult("owner", await world.chain.call("eth_call", [{ to: address, data: abi.encodeFunctionData("owner") }, "latest"]))[0];
  }
});
