#!/usr/bin/env node
// Experiment 4 on a chain: for every configuration that `distill deployment prove` left, deploys verifier, gateway and
// oracle by the real script on a local chain that has Sepolia's id, and submits its ten proofs with a quorum of two.
//
//   node scripts/exp4.mjs [FOLDER [CONFIGURATION ..]]        (make exp4; FOLDER is target/exp4)
//
// Writes FOLDER/<configuration>/chain.json: gas of whole transactions, size of the verifier's code.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { HDNodeWallet, Interface, concat, encodeBytes32String, getBytes, hexlify, keccak256 } from "ethers";
import { ROOT, fail, forgeScript, program, startChain } from "./support/local-chain.mjs";

const SEPOLIA = 11155111;
const HEAD_START = 180; // the chain begins this long before the first window closes
const DELAY = 2; // seconds from a window's close to its submission
const MNEMONIC = "test test test test test test test test test test test junk"; // anvil's, published
const GAS = "0xf42400"; // 16,000,000: below the limit of a transaction

process.chdir(ROOT);
const [work = "target/exp4", ...only] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const wanted = (name) => only.length === 0 || only.includes(name);
const proven = (name) => wanted(name) && existsSync(join(work, name, "submissions.json"));
const configurations = readdirSync(work).filter(proven).sort();
if (configurations.length === 0) fail(`${work} holds no proofs: run distill deployment prove before`);

const sources = configurations.map((name) => {
  const params = read(join(work, name, "params.json"));
  const folder = `contracts/verifiers/development/${params.modelId}`;
  mkdirSync(folder, { recursive: true });
  for (const file of ["Verifier.sol", "params.json"]) copyFileSync(join(work, name, file), join(folder, file));
  return { name, params, folder };
});
try {
  const built = spawnSync(program("forge"), ["build", "--quiet"], { encoding: "utf8" });
  if (built.status !== 0) fail("forge build", built.stdout + built.stderr);
  const oracle = new Interface(read("out/ISignalOracle.sol/ISignalOracle.json").abi);
  const verifier = new Interface(["function verify(uint256[] publicInputs, bytes proof)"]);
  for (const source of sources) await submit(source, oracle, verifier);
} finally {
  for (const { folder } of sources) rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function submit({ name, params, folder }, oracle, verifier) {
  const submissions = read(join(work, name, "submissions.json"));
  const { rpc, call, moveClock, accounts, stop } = await startChain(SEPOLIA, submissions[0].closeTime - HEAD_START);
  const [deployer, owner, guardian] = accounts;
  const attestors = [5, 6, 7].map((index) => HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`));
  const file = `target/exp4-${name}.json`;
  const deployed = forgeScript(
    ["scripts/Deploy.s.sol", "--broadcast", "--slow", "--unlocked", "--sender", deployer, "--rpc-url", rpc],
    {
      VERIFIER_DIR: folder,
      OWNER: owner,
      GUARDIAN: guardian,
      ATTESTORS: attestors.map((wallet) => wallet.address).join(","),
      THRESHOLD: "2",
      COMMIT: "rehearsal",
      DEPLOYMENT_OUT: file,
    },
  );
  if (deployed.status !== 0) fail(`${name}: Deploy.s.sol`, deployed.words);
  const { contracts } = read(file);
  const address = contracts.oracle.address;

  const send = async (from, to, data) => {
    const hash = await call("eth_sendTransaction", [{ from, to, data, gas: GAS }]);
    const receipt = await mined(call, hash);
    if (Number(receipt.status) !== 1) fail(`${name}: transaction to ${to} reverted`);
    return Number(receipt.gasUsed);
  };
  const ask = async (method, values) => {
    const data = oracle.encodeFunctionData(method, values);
    return oracle.decodeFunctionResult(method, await call("eth_call", [{ to: address, data, gas: GAS }, "latest"]));
  };

  const [submitGas, verifyGas] = [[], []];
  let rounds = 0;
  let tamperedRefused = true;
  for (const each of submissions) {
    await moveClock(each.closeTime + DELAY);
    const submission = {
      modelId: params.modelId,
      closeTime: each.closeTime,
      lastCloseE8: each.lastCloseE8,
      proof: each.proof,
      publicInputs: each.publicInputs,
      attestations: await quorum(attestors.slice(0, 2), address, each),
    };
    const tampered = getBytes(each.proof);
    tampered[tampered.length - 100] ^= 1;
    const [accepted] = await ask("isAcceptable", [{ ...submission, proof: hexlify(tampered) }]);
    if (accepted) tamperedRefused = false;
    verifyGas.push(
      await send(deployer, contracts.verifier.address, verifier.encodeFunctionData("verify", [each.publicInputs, each.proof])),
    );
    submitGas.push(await send(deployer, address, oracle.encodeFunctionData("submit", [submission])));
    const [round] = await ask("latestSignalUnsafe", []);
    if (Number(round.closeTime) === each.closeTime && Number(round.class) === each.class) ++rounds;
  }
  const code = await call("eth_getCode", [contracts.verifier.address, "latest"]);
  const chain = {
    chainId: SEPOLIA,
    oracle: address,
    verifierCodeBytes: (code.length - 2) / 2,
    deployGas: await creation(call, contracts.verifier.address),
    rounds,
    submitGas,
    verifyGas,
    tamperedRefused,
  };
  writeFileSync(join(work, name, "chain.json"), `${JSON.stringify(chain, null, 2)}\n`);
  rmSync(file, { force: true });
  const mean = (values) => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  console.log(
    `${name}: ${rounds} of ${submissions.length} rounds, verify ${mean(verifyGas)} gas, submit ${mean(submitGas)} gas, code ${chain.verifierCodeBytes} bytes`,
  );
  if (rounds !== submissions.length || !tamperedRefused) fail(`${name}: not every submission was taken as it should`);
  stop();
}

/** Signatures of attestors over a window, sorted by signer. */
async function quorum(attestors, oracle, { closeTime, lastCloseE8, publicInputs }) {
  const words = publicInputs.slice(1, 17);
  const domain = { name: "VeriRegime", version: "1", chainId: SEPOLIA, verifyingContract: oracle };
  const types = {
    Window: [
      { name: "symbol", type: "bytes32" },
      { name: "timeframe", type: "uint32" },
      { name: "closeTime", type: "uint64" },
      { name: "lastCloseE8", type: "int64" },
      { name: "inputsDigest", type: "bytes32" },
    ],
  };
  const window = {
    symbol: encodeBytes32String("BTC/USDT"),
    timeframe: 60,
    closeTime,
    lastCloseE8,
    inputsDigest: keccak256(concat(words)),
  };
  const sorted = [...attestors].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  return concat(await Promise.all(sorted.map((wallet) => wallet.signTypedData(domain, types, window))));
}

/** A transaction's receipt, once there is one. */
async function mined(call, hash) {
  for (let attempt = 0; attempt < 1000; ++attempt) {
    const receipt = await call("eth_getTransactionReceipt", [hash]);
    if (receipt) return receipt;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  fail(`${hash} was not mined`);
}

/** Gas of the transaction that made a contract. */
async function creation(call, address) {
  const last = Number(await call("eth_blockNumber", []));
  for (let number = 0; number <= last; ++number) {
    const block = await call("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]);
    for (const hash of block.transactions) {
      const receipt = await call("eth_getTransactionReceipt", [hash]);
      if (receipt.contractAddress?.toLowerCase() === address.toLowerCase()) return Number(receipt.gasUsed);
    }
  }
  return 0;
}
