// A local chain with everything that the page reads, made by the real scripts from committed proofs.
//
//   DemoMarket.s.sol, Deploy.s.sol ─> oracle at the address that test/replay/bundles are bound to
//   ten bundles ─> submit (real proofs, real attestations) ─> execute where the module allows it
//   regimes.json ─> a second oracle, two classes, no treasury
import { Interface, TypedDataEncoder, Wallet, concat, encodeBytes32String, getAddress, keccak256, toBeHex, zeroPadValue } from "ethers";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT, fail, forgeScript, startChain } from "../../../scripts/support/local-chain.mjs";
import { MODULE, ORACLE } from "../../src/chain/abi.js";

const WORK = "target/e2e";
const LOCAL = 31337;
/** The regimes' proofs are bound to an oracle here. */
const REGIME_ORACLE = getAddress("0x0000000000000000000000000000000056527231");
const SAFE = new Interface([
  "function enableModule(address module)",
  "function execTransaction(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,bytes signatures) payable returns (bool)",
]);
const MAKER = new Interface(["function moveTo(uint256 priceE8)"]);
const ZERO = `0x${"0".repeat(40)}`;

process.chdir(ROOT);
const json = (path) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

/** The committed rounds, oldest first. */
export const BUNDLES = json("test/replay/bundles/index.json").rounds.map(({ bundle }) => json(`test/replay/bundles/${bundle}`));
/** The committed proofs of the regime model. */
export const REGIMES = json("test/fixtures/regimes.json");

/** Sends a transaction from an unlocked account and waits for its receipt. */
export async function transact(chain, from, to, data) {
  const hash = await chain.call("eth_sendTransaction", [{ from, to, data, gas: "0xf42400" }]);
  let receipt = null;
  while (receipt === null) receipt = await chain.call("eth_getTransactionReceipt", [hash]);
  if (receipt.status !== "0x1") throw new Error(`transaction to ${to} failed: ${JSON.stringify(receipt)}`);
  return receipt;
}

/** The chain with market, oracle and treasury; no round yet. */
export async function startWorld() {
  mkdirSync(WORK, { recursive: true });
  const first = BUNDLES[0];
  const chain = await startChain(LOCAL, first.close_time - 300);
  const [deployer, operator, submitter] = chain.accounts;
  script(chain, "scripts/DemoMarket.s.sol", operator, {
    PRICE_E8: `${first.last_close_e8}`,
    MARKET_OUT: `${WORK}/market.json`,
  });
  // Without a market the oracle is the deployer's fourth contract; the market came from another account.
  script(chain, "scripts/Deploy.s.sol", deployer, {
    VERIFIER_DIR: `contracts/verifiers/${first.model_id}`,
    ATTESTORS: first.attestors.join(","),
    THRESHOLD: `${first.threshold}`,
    MARKET: `${WORK}/market.json`,
    DEPLOYMENT_OUT: `${WORK}/deployment.json`,
  });
  const market = json(`${WORK}/market.json`);
  const { contracts } = json(`${WORK}/deployment.json`);
  if (contracts.oracle.address.toLowerCase() !== first.oracle) {
    fail(`the oracle lies at ${contracts.oracle.address}, the bundles are bound to ${first.oracle}`);
  }
  await enable(chain, market.safe, operator, contracts.module.address);
  return {
    chain,
    market,
    operator,
    submitter,
    oracle: contracts.oracle.address,
    gateway: contracts.gateway.address,
    module: contracts.module.address,
    verifier: contracts.verifier.address,
    rounds: [],
  };
}

/** Submits the next committed round two seconds after its close, and executes it if the module allows it. */
export async function nextRound(world, { execute = true } = {}) {
  const { chain } = world;
  const bundle = BUNDLES[world.rounds.length];
  await chain.moveClock(bundle.close_time + 2);
  await transact(chain, world.operator, world.market.maker, MAKER.encodeFunctionData("moveTo", [bundle.last_close_e8]));
  const data = ORACLE.encodeFunctionData("submit", [submissionOf(bundle)]);
  const receipt = await transact(chain, world.submitter, world.oracle, data);
  const id = world.rounds.length + 1;
  let executed = false;
  if (execute) {
    const answer = await chain.call("eth_call", [{ to: world.module, data: MODULE.encodeFunctionData("preview", [id]) }, "pending"]);
    const plan = MODULE.decodeFunctionResult("preview", answer)[0];
    executed = plan.guard === 0n;
    if (executed) {
      const abi = new Interface(["function execute(uint80 roundId)"]);
      await transact(chain, world.submitter, world.module, abi.encodeFunctionData("execute", [id]));
    }
  }
  world.rounds.push({ id, bundle, tx: receipt.transactionHash, gas: Number(receipt.gasUsed), executed });
  return world.rounds.at(-1);
}

const submissionOf = (bundle) => ({
  modelId: bundle.model_id,
  closeTime: bundle.close_time,
  lastCloseE8: bundle.last_close_e8,
  proof: bundle.proof,
  publicInputs: bundle.public_inputs,
  attestations: bundle.attestations,
});

/** Adds the oracle of regimes, days after the signals, with all its rounds. */
export async function addRegimes(world) {
  const { chain } = world;
  const [deployer] = chain.accounts;
  await chain.moveClock(REGIMES.rounds[0].closeTime - 120);
  const keys = [1, 2, 3].map((n) => new Wallet(toBeHex(n, 32))).sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
  script(chain, "scripts/Deploy.s.sol", deployer, {
    VERIFIER_DIR: `contracts/verifiers/${REGIMES.modelId}`,
    ATTESTORS: keys.map((key) => key.address).join(","),
    THRESHOLD: "2",
    DEPLOYMENT_OUT: `${WORK}/regimes.json`,
  });
  const { contracts } = json(`${WORK}/regimes.json`);
  await move(chain, contracts.oracle.address, REGIME_ORACLE);
  for (const round of REGIMES.rounds) {
    await chain.moveClock(round.closeTime + 2);
    const attestations = concat(keys.slice(0, 2).map((key) => sign(key, REGIME_ORACLE, "BTC/USDT", 60, round)));
    const submission = { modelId: REGIMES.modelId, closeTime: round.closeTime, lastCloseE8: round.lastCloseE8, proof: round.proof, publicInputs: round.publicInputs, attestations };
    await transact(chain, world.submitter, REGIME_ORACLE, ORACLE.encodeFunctionData("submit", [submission]));
  }
  return { oracle: REGIME_ORACLE, gateway: contracts.gateway.address, modelId: REGIMES.modelId };
}

/** An attestor's signature of a round's window. */
export function sign(wallet, oracle, symbol, timeframe, { closeTime, lastCloseE8, publicInputs }) {
  const inputsDigest = digestOf(publicInputs);
  const domain = { name: "VeriRegime", version: "1", chainId: LOCAL, verifyingContract: oracle };
  const fields = { symbol: "bytes32", timeframe: "uint32", closeTime: "uint64", lastCloseE8: "int64", inputsDigest: "bytes32" };
  const types = { Window: Object.entries(fields).map(([name, type]) => ({ name, type })) };
  const digest = TypedDataEncoder.hash(domain, types, { symbol: encodeBytes32String(symbol), timeframe, closeTime, lastCloseE8, inputsDigest });
  return wallet.signingKey.sign(digest).serialized;
}

const digestOf = (publicInputs) => keccak256(concat(publicInputs.slice(1, -2).map((word) => zeroPadValue(toBeHex(word), 32))));

/** Moves a contract to another address: code and storage as the chain's own dump has them. */
async function move(chain, from, to) {
  const dump = JSON.parse(gunzipSync(Buffer.from((await chain.call("anvil_dumpState", [])).slice(2), "hex")));
  const { code, storage } = Object.entries(dump.accounts).find(([address]) => address.toLowerCase() === from.toLowerCase())[1];
  await chain.call("anvil_setCode", [to, code]);
  for (const [slot, value] of Object.entries(storage)) {
    await chain.call("anvil_setStorageAt", [to, zeroPadValue(toBeHex(slot), 32), zeroPadValue(toBeHex(value), 32)]);
  }
}

async function enable(chain, safe, owner, module) {
  const consent = concat([zeroPadValue(owner, 32), zeroPadValue("0x00", 32), "0x01"]);
  const call = SAFE.encodeFunctionData("enableModule", [module]);
  const data = SAFE.encodeFunctionData("execTransaction", [safe, 0, call, 0, 0, 0, 0, ZERO, ZERO, consent]);
  await transact(chain, owner, safe, data);
}

function script(chain, path, sender, env) {
  const args = [path, "--broadcast", "--slow", "--unlocked", "--sender", sender, "--rpc-url", chain.rpc];
  const { status, words } = forgeScript(args, env);
  if (status !== 0) fail(path, words);
}
