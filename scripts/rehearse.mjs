#!/usr/bin/env node
// Rehearses a Sepolia deployment on a local chain that has Sepolia's chain id: the same scripts, the same encrypted
// keystores, the same environment variables, then every check and every lever that the real one has.
//
//   node scripts/rehearse.mjs        (make rehearse)
//
// Writes deployments/11155111.rehearsal.json: what Deploy.s.sol would write on Sepolia, with stand-ins for tokens,
// pool, price feed and Safe ("standIns": true) and anvil's published test accounts in every role; and, before that,
// deployments/31337.json, the same on a local chain.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, fail, forgeScript, program, startChain } from "./support/local-chain.mjs";

const WORK = "target/rehearsal";
const FILE = "deployments/11155111.rehearsal.json";
const LOCAL_FILE = "deployments/31337.json";
const SEPOLIA = 11155111;
const LOCAL = 31337;
const START = 1_800_000_000; // any fixed time: the file must not depend on the clock
const DELAY = 3 * 24 * 3600;
const PASSWORD = "rehearsal";

process.chdir(ROOT);
rmSync(WORK, { recursive: true, force: true });
mkdirSync(join(WORK, "keys"), { recursive: true });

const fixture = JSON.parse(readFileSync("test/fixtures/rounds.json", "utf8"));
const verifier = dirname(fixture.verifier.split(":")[0]);
const { rpc, call, moveClock, accounts } = await startChain(SEPOLIA, START);
// anvil's published test accounts; on Sepolia these are people.
const [deployer, owner, guardian, stranger, ...rest] = accounts;
const attestors = rest.slice(0, 3);
const keystores = Object.fromEntries(
  Object.entries({ deployer, owner, guardian, stranger }).map(([role, address]) => [role, keystore(role, address)]),
);
writeFileSync(join(WORK, "password"), PASSWORD);

step("stand-ins for tokens, pool, price feed and Safe (they refuse any chain but 31337: its id is lent to them)");
await call("anvil_setChainId", [LOCAL]);
await call("anvil_impersonateAccount", [deployer]);
forge(["scripts/DemoMarket.s.sol", "--broadcast", "--slow", "--unlocked", "--sender", deployer], {
  PRICE_E8: "6064139000000",
  MARKET_OUT: `${WORK}/market.json`,
});
const market = JSON.parse(readFileSync(`${WORK}/market.json`, "utf8"));

const roles = {
  VERIFIER_DIR: verifier,
  OWNER: owner,
  GUARDIAN: guardian,
  ATTESTORS: attestors.join(","),
  THRESHOLD: "2",
  COMMIT: execFileSync("git", ["log", "-1", "--format=%H", "--", "contracts"]).toString().trim(),
};
const place = { DEPLOYMENT_OUT: FILE, DEPLOYMENT: FILE };
const checked = { COMMIT: roles.COMMIT };

step(`deploy on chain ${LOCAL}, ${LOCAL_FILE}; then start over as Sepolia`);
const fresh = await call("evm_snapshot", []);
deploy(LOCAL_FILE);
await call("evm_revert", [fresh]);
await call("anvil_setChainId", [SEPOLIA]);

step("a verifier built on a development SRS is refused");
const development = modelFolder("development", (params) => (params.srs.kind = "development"));
refused(
  ["scripts/Deploy.s.sol"],
  { ...roles, ...place, VERIFIER_DIR: development },
  "DevelopmentSrsOnPublicChain(11155111",
);

step("a timelock of less than a day is refused");
refused(["scripts/Deploy.s.sol"], { ...roles, ...place, TIMELOCK_DELAY: "3600" }, "TimelockDelayTooShort(3600");

step("a number with more bits than its field is refused, not cut");
for (const [name, number] of [["THRESHOLD", 258], ["TIMEFRAME", 2 ** 32 + 60], ["MAX_AGE", 2 ** 32 + 600]]) {
  refused(["scripts/Deploy.s.sol"], { ...roles, ...place, [name]: `${number}` }, `NumberTooLarge("${name}"`);
}

step(`deploy, ${FILE}`);
const record = deploy(FILE);

step("every field altered in turn: CheckDeployment names it");
const altered = `${WORK}/altered.json`;
const fields = leaves(record);
for (const path of fields) {
  writeFileSync(altered, JSON.stringify(alter(record, path)));
  const field = path.filter((key) => typeof key === "string").join(".");
  const named = run(["scripts/CheckDeployment.s.sol"], { ...checked, DEPLOYMENT: altered });
  const found = /Differs\("([^"]+)"/.exec(named.words);
  if (named.status === 0 || !found) fail(`altering ${path.join(".")} went unnoticed`, named.words);
  say(`${path.join(".").padEnd(38)} red: ${found[1]}`);
  if (found[1] !== field) fail(`altering ${field} was blamed on ${found[1]}`, "");
}
say(`${fields.length} fields, each noticed`);

step("add a model: scheduled by the owner, executed by anyone after the timelock's delay");
const next = modelFolder("next", (params) => {
  params.modelId = "0x5e9011a1";
  params.verifyingKeyDigest = `0x5e9011a1${params.verifyingKeyDigest.slice(10)}`;
});
const route = { DEPLOYMENT: FILE, ROUTE: `${WORK}/route.json` };
const model = { ...route, VERIFIER_DIR: next, VERIFIER_ARTIFACT: `${verifier}/Verifier.sol:Verifier` };
forge(["scripts/AddModel.s.sol", "--sig", "schedule()", "--broadcast", "--slow"], { ...model, ...as("owner") });
const execute = ["scripts/AddModel.s.sol", "--sig", "execute()", "--broadcast", "--slow"];
refused(execute, { ...route, ...as("stranger") }, "TimelockUnexpectedOperationState");
const { timestamp } = await call("eth_getBlockByNumber", ["latest", false]);
await moveClock(Number(timestamp) + DELAY);
forge(execute, { ...route, ...as("stranger") });

step("freeze: the guardian stops the treasury and the model at once, nobody else does");
refused(["scripts/Freeze.s.sol", "--broadcast"], { DEPLOYMENT: FILE, ...as("stranger") }, "NotGuardian");
const stop = { DEPLOYMENT: FILE, ...as("guardian") };
forge(["scripts/Freeze.s.sol", "--sig", "pause()", "--broadcast", "--slow"], stop);
forge(["scripts/Freeze.s.sol", "--sig", "veto(uint80)", "7", "--broadcast", "--slow"], stop);
forge(["scripts/Freeze.s.sol", "--broadcast", "--slow"], stop);
refused(["scripts/CheckDeployment.s.sol"], { ...checked, DEPLOYMENT: FILE }, 'Differs("model.frozen"');
forge(["scripts/CheckDeployment.s.sol"], { ...checked, DEPLOYMENT: FILE, ACCEPT: "model.frozen" });
say("CheckDeployment: red for the frozen model, green once that is accepted");

say(`\nrehearsal complete: ${FILE}`);
process.exit(0);

/** Deploys, tidies the file and compares it with the chain. */
function deploy(file) {
  const { safe: SAFE, router: ROUTER, pool: POOL, feed: PRICE_FEED, base: BASE, quote: QUOTE } = market;
  const treasury = { SAFE, ROUTER, POOL, PRICE_FEED, BASE, QUOTE };
  const env = { ...roles, ...as("deployer"), ...treasury, DEPLOYMENT_OUT: file };
  forge(["scripts/Deploy.s.sol", "--broadcast", "--slow"], env);
  const written = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`);
  forge(["scripts/CheckDeployment.s.sol"], { ...checked, DEPLOYMENT: file });
  say("CheckDeployment: every field agrees");
  return written;
}

/** Runs a forge script; the environment is the only place of addresses, keys and passwords. */
function run(args, env) {
  return forgeScript([...args, "--rpc-url", "sepolia"], { SEPOLIA_RPC_URL: rpc, ...env });
}

function forge(args, env) {
  const { status, words } = run(args, env);
  if (status !== 0) fail(`forge script ${args.join(" ")} failed`, words);
  say(`ok   forge script ${args.join(" ")}`);
}

function refused(args, env, why) {
  const { status, words } = run(args, env);
  if (status === 0) fail(`forge script ${args.join(" ")} should have been refused`, words);
  if (!words.includes(why)) fail(`forge script ${args.join(" ")} was refused, but not for ${why}`, words);
  say(`ok   refused: ${why}${why.includes("(") ? " ..." : ""}`);
}

function as(role) {
  return { ETH_KEYSTORE: keystores[role], ETH_PASSWORD: `${WORK}/password` };
}

/** Every value of the record that is not an object: a path of keys and indices each. */
function leaves(node, path = []) {
  if (typeof node !== "object") return [path];
  return Object.entries(node).flatMap(([key, value]) =>
    leaves(value, [...path, Array.isArray(node) ? Number(key) : key]),
  );
}

/** A copy with one value changed into another of its type. */
function alter(whole, path) {
  const copy = structuredClone(whole);
  const last = path.at(-1);
  const parent = path.slice(0, -1).reduce((node, key) => node[key], copy);
  const old = parent[last];
  if (typeof old === "boolean") parent[last] = !old;
  else if (typeof old === "number") parent[last] = old + 1;
  else if (old === "0x") parent[last] = "0x00";
  // One digit; an address then has no checksum any more, which forge does not ask for.
  else if (/^(0x)?[0-9a-fA-F]+$/.test(old)) parent[last] = old.slice(0, -1).toLowerCase() + (old.endsWith("0") ? "1" : "0");
  else parent[last] = `${old}-altered`;
  return copy;
}

/** A copy of the verifier's params.json, changed. */
function modelFolder(name, change) {
  const folder = `${WORK}/${name}`;
  mkdirSync(folder);
  cpSync(`${verifier}/params.json`, `${folder}/params.json`);
  const params = JSON.parse(readFileSync(`${folder}/params.json`, "utf8"));
  change(params);
  writeFileSync(`${folder}/params.json`, JSON.stringify(params));
  return folder;
}

/** An encrypted keystore of one of anvil's test accounts, as `cast wallet import` makes one of a real key. */
function keystore(role, address) {
  const index = accounts.indexOf(address);
  const mnemonic = "test test test test test test test test test test test junk"; // anvil's, published
  const folder = join(WORK, "keys");
  execFileSync(
    program("cast"),
    ["wallet", "import", role, "--keystore-dir", folder, "--mnemonic", mnemonic, "--mnemonic-index", `${index}`],
    { env: { ...process.env, CAST_UNSAFE_PASSWORD: PASSWORD }, stdio: "pipe" },
  );
  return join(folder, role);
}

function step(words) {
  console.log(`\n${words}`);
}

function say(words) {
  console.log(words.startsWith("\n") ? words : `  ${words}`);
}
