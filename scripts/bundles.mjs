#!/usr/bin/env node
// Records the rounds of the model's replay.json as audit bundles: a local chain with the real contracts, three
// attestor nodes of which two are needed, one `veriregime once` and one `veriregime audit --write-bundle` per round.
//
//   VERIREGIME_DATA=... VERIREGIME_SRS=... node scripts/bundles.mjs
//
// Environment: VERIREGIME_DATA (candles; invented ones are refused), VERIREGIME_SRS (the ceremony's points),
// VERIREGIME (the program, default target/release/veriregime). Writes test/replay/bundles/; of the candles, only the
// digest that each bundle carries.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT, fail, forgeScript, startChain } from "./support/local-chain.mjs";

process.chdir(ROOT);
const PROGRAM = process.env.VERIREGIME ?? "target/release/veriregime";
if (!process.env.VERIREGIME_DATA) fail("set VERIREGIME_DATA");
const WORK = "target/bundles";
const BUNDLES = "test/replay/bundles";
const MODEL = "models/btcusdt-1m-60";
const LOCAL = 31337;
const MINUTE = 60;

const { from_close_time: first, rounds } = JSON.parse(readFileSync(`${MODEL}/replay.json`, "utf8"));
const fixture = JSON.parse(readFileSync("test/fixtures/rounds.json", "utf8"));
if (fixture.srs !== "ceremony") fail("the committed verifier is not built on the ceremony's SRS");
for (const folder of [WORK, BUNDLES]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

const chain = await startChain(LOCAL, first - 3 * MINUTE);
const password = join(WORK, "password");
writeFileSync(password, "a demonstration", { mode: 0o600 });
const nodes = ["node", "attestor-1", "attestor-2", "attestor-3"].map((name) => {
  const key = join(WORK, `${name}.key`);
  const { address } = JSON.parse(veriregime("keys", "new", "--json", "--out", key, "--password-file", password));
  return { name, key, address };
});
const [submitter, ...attestors] = nodes;
await chain.call("anvil_setBalance", [submitter.address, "0x56bc75e2d63100000"]);

const file = join(WORK, "deployment.json");
const deployed = forgeScript(
  ["scripts/Deploy.s.sol", "--broadcast", "--slow", "--unlocked", "--sender", chain.accounts[0], "--rpc-url", chain.rpc],
  {
    VERIFIER_DIR: `contracts/verifiers/${fixture.modelId}`,
    ATTESTORS: attestors.map((attestor) => attestor.address).join(","),
    THRESHOLD: "2",
    DEPLOYMENT_OUT: file,
  },
);
if (deployed.status !== 0) fail("Deploy.s.sol", deployed.words);
const urls = await Promise.all(attestors.map(listen));

const index = [];
for (let round = 1; round <= rounds; ++round) {
  const close = first + (round - 1) * MINUTE;
  await chain.moveClock(close + 2);
  veriregime(
    ...["once", "--root", ".", "--source", "file", "--rpc", chain.rpc, "--deployment", file, "--close-time", `${close}`],
    ...["--key", submitter.key, "--password-file", password, "--store", join(WORK, "node.sqlite")],
    ...urls.flatMap((url) => ["--attestor", url]),
  );
  const bundle = `round-${round}.json`;
  veriregime(
    ...["audit", `${round}`, "--root", ".", "--source", "file", "--rpc", chain.rpc, "--deployment", file],
    ...["--write-bundle", join(BUNDLES, bundle)],
  );
  const { tx, candles, stored } = JSON.parse(readFileSync(join(BUNDLES, bundle), "utf8"));
  index.push({ bundle, round, tx, candles });
  console.log(`${bundle.padEnd(14)} close ${close}  ${["SELL", "HOLD", "BUY"][stored.class]}`);
}
writeFileSync(join(BUNDLES, "index.json"), `${JSON.stringify({ rounds: index }, null, 2)}\n`);
process.exit(0);

function veriregime(...args) {
  try {
    return execFileSync(PROGRAM, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return fail(`veriregime ${args.join(" ")}`, `${error.stdout}${error.stderr}`);
  }
}

/** Starts an attestor node and waits for the line that says where it listens. */
function listen({ name, key }) {
  const store = join(WORK, `${name}.sqlite`);
  const node = spawn(
    PROGRAM,
    [
      ...["attest", "--root", ".", "--source", "file", "--listen", "127.0.0.1:0", "--deployment", file],
      ...["--key", key, "--password-file", password, "--store", store],
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  process.on("exit", () => node.kill());
  return new Promise((resolve) => {
    node.on("exit", () => fail(`${name} ended`));
    createInterface(node.stdout).once("line", (line) => resolve(JSON.parse(line).url));
  });
}
