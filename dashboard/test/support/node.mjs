// A real node for the page: `veriregime run` with three attestors on a local chain, with invented candles. They end at a
// fixed minute, in which the chain lives, so one round comes of it. Needs the program (VERIREGIME_PROGRAM) and the ceremony's points
// (VERIREGIME_SRS).
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT, forgeScript, startChain } from "../../../scripts/support/local-chain.mjs";
import { BUNDLES } from "./world.mjs";

const WORK = "target/e2e/node";

/** Whether this environment can start one. */
export const canStartNode = () => Boolean(process.env.VERIREGIME_PROGRAM && process.env.VERIREGIME_SRS);

/** Starts chain, attestors and node; resolves to `{ url, stop }`. */
export async function startNode() {
  rmSync(join(ROOT, WORK), { recursive: true, force: true });
  mkdirSync(join(ROOT, WORK), { recursive: true });
  const dry = ["once", "--dry-run", "--json", "--root", ".", "--source", "synthetic"];
  const { close_time: newest } = JSON.parse(execFileSync(process.env.VERIREGIME_PROGRAM, dry, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  const chain = await startChain(31337, newest - 60);
  await chain.call("evm_setIntervalMining", [1]);
  const running = [];
  const stop = () => {
    for (const child of running) child.kill();
    chain.stop();
  };
  try {
    const password = join(WORK, "password");
    writeFileSync(password, "a test", { mode: 0o600 });
    const [node, ...attestors] = ["node", "attestor-1", "attestor-2", "attestor-3"].map((name) => {
      const key = join(WORK, `${name}.key`);
      const made = execFileSync(process.env.VERIREGIME_PROGRAM, ["keys", "new", "--json", "--out", key, "--password-file", password], { encoding: "utf8" });
      return { name, key, address: JSON.parse(made).address };
    });
    await chain.call("anvil_setBalance", [node.address, "0x56bc75e2d63100000"]);
    const deployment = join(WORK, "deployment.json");
    const { status, words } = forgeScript(
      ["scripts/Deploy.s.sol", "--broadcast", "--slow", "--unlocked", "--sender", chain.accounts[0], "--rpc-url", chain.rpc],
      {
        VERIFIER_DIR: `contracts/verifiers/${BUNDLES[0].model_id}`,
        ATTESTORS: attestors.map(({ address }) => address).join(","),
        THRESHOLD: "2",
        DEPLOYMENT_OUT: deployment,
      },
    );
    if (status !== 0) throw new Error(`Deploy.s.sol: ${words.slice(-2_000)}`);
    const urls = [];
    for (const { name, key } of attestors) {
      const store = join(WORK, `${name}.sqlite`);
      const args = ["attest", "--root", ".", "--source", "synthetic", "--listen", "127.0.0.1:0", "--deployment", deployment];
      urls.push((await start(running, name, [...args, "--key", key, "--password-file", password, "--store", store])).url);
    }
    const text = (value) => JSON.stringify(value);
    const config = join(WORK, "veriregime.toml");
    writeFileSync(
      config,
      [
        "[node]",
        `store = ${text("node.sqlite")}`,
        'listen = "127.0.0.1:0"',
        "[candles]",
        'sources = ["synthetic"]',
        "[chain]",
        `rpc = [${text(chain.rpc)}]`,
        "[key]",
        'file = "node.key"',
        'password_file = "password"',
        "[[oracle]]",
        'name = "signals"',
        `model = ${text(join(ROOT, "models/btcusdt-1m-60"))}`,
        'deployment = "deployment.json"',
        `attestors = ${text(urls)}`,
        "",
      ].join("\n"),
    );
    const { url } = await start(running, "node", ["run", "--config", config]);
    return { url: url.endsWith("/") ? url : `${url}/`, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Starts a program and waits for the JSON line that says where it listens. */
function start(running, name, args) {
  const child = spawn(process.env.VERIREGIME_PROGRAM, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let words = "";
  child.stderr.on("data", (more) => (words = (words + more).slice(-2_000)));
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`${name} ended with ${code}: ${words}`)));
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line)));
  });
}
