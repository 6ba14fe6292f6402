// A chain with many rounds. The oracle and the gateway are real; the verifier is a stub that accepts everything, because
// what is looked at is how much the page asks, not what a proof says.
import { AbiCoder, Interface, Wallet, concat, encodeBytes32String, getAddress, keccak256, toBeHex } from "ethers";
import { readFileSync } from "node:fs";
import { startChain } from "../../../scripts/support/local-chain.mjs";
import { ORACLE } from "../../src/chain/abi.js";
import { bindingOf } from "../../src/chain/statement.js";
import { sign, transact } from "./world.mjs";

/** Answers the word 1 to every call. */
const ACCEPTS = "0x600160005260206000f3";
const MODEL = "0x0badcafe";
const MINUTE = 60;
const START = 1_722_300_000;
/** Values in a window: one packed word. */
const VALUES = 31;
const OFFSET = 1n << 63n;

const artifact = (name) => JSON.parse(readFileSync(new URL(`../../../out/${name}.sol/${name}.json`, import.meta.url), "utf8"));

/** A chain whose oracle has accepted `count` rounds, one a minute. */
export async function startVolume(count) {
  const chain = await startChain(31337, START);
  const [deployer] = chain.accounts;
  const verifier = `0x${"5e".repeat(20)}`;
  await chain.call("anvil_setCode", [verifier, ACCEPTS]);
  const key = new Wallet(toBeHex(9, 32));
  const schema = [VALUES, 3, MINUTE];
  const gateway = await deploy(chain, deployer, "SignalVerifierGateway", [deployer, deployer, [[MODEL, verifier, 32, schema, keccak256(ACCEPTS)]]]);
  const feed = [encodeBytes32String("BTC/USDT"), MINUTE, VALUES, 3, 7 * 86_400];
  const oracle = await deploy(chain, deployer, "SignalOracle", [gateway, feed, deployer, [key.address], 1]);
  const identity = { chainId: 31337, address: oracle, symbol: encodeBytes32String("BTC/USDT"), timeframe: MINUTE };
  await chain.moveClock(START + (count + 1) * MINUTE);
  for (let id = 1; id <= count; ++id) {
    const closeTime = START + id * MINUTE;
    const lastCloseE8 = BigInt(Math.round((66_000 + 800 * Math.sin(id / 90) + 60 * Math.sin(id / 7)) * 1e8));
    const kind = Math.floor(id / 7) % 3;
    const logits = [0, 1, 2].reduce((word, i) => word | ((OFFSET + BigInt(i === kind ? 500 + id : 0)) << BigInt(64 * i)), 0n);
    const publicInputs = [bindingOf(identity, closeTime, lastCloseE8), BigInt(id), logits, BigInt(kind)].map((word) => toBeHex(word, 32));
    const attestations = sign(key, oracle, "BTC/USDT", MINUTE, { closeTime, lastCloseE8, publicInputs });
    const submission = { modelId: MODEL, closeTime, lastCloseE8, proof: toBeHex(1, 32), publicInputs, attestations };
    await transact(chain, deployer, oracle, ORACLE.encodeFunctionData("submit", [submission]));
  }
  return { chain, oracle, gateway };
}

async function deploy(chain, from, name, args) {
  const { abi, bytecode } = artifact(name);
  const { inputs } = new Interface(abi).deploy;
  const data = concat([bytecode.object, AbiCoder.defaultAbiCoder().encode(inputs, args)]);
  const receipt = await transact(chain, from, undefined, data);
  return getAddress(receipt.contractAddress);
}
