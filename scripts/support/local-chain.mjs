// A throw-away anvil and the Foundry programs, for the scripts beside this folder.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's folder. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** A Foundry program: the native one, because npm's wrapper of it exits with 0 whatever it says. */
export function program(name) {
  const packages = join(ROOT, "node_modules/@foundry-rs");
  const home = readdirSync(packages).find((entry) => entry.startsWith(`${name}-`));
  return join(packages, home, "bin", name);
}

/** Starts anvil (Osaka rules, one second per block); it ends with this process. */
export async function startChain(chainId, timestamp) {
  const port = await freePort();
  const rpc = `http://127.0.0.1:${port}`;
  const rules = ["--hardfork", "osaka", "--chain-id", `${chainId}`, "--timestamp", `${timestamp}`];
  const anvil = spawn(program("anvil"), [...rules, "--port", `${port}`, "--silent"], { stdio: "ignore" });
  process.on("exit", () => anvil.kill());

  async function call(method, params) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { result, error } = await answer.json();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async function moveClock(to) {
    await call("evm_setNextBlockTimestamp", [to]);
    await call("evm_mine", []);
  }

  for (let attempt = 0; attempt < 100; ++attempt) {
    try {
      const accounts = await call("eth_accounts", []);
      await call("anvil_setBlockTimestampInterval", [1]);
      return { rpc, call, moveClock, accounts, stop: () => anvil.kill() };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("anvil did not start");
}

/** Runs `forge script` with nothing but `env` and says how it ended. */
export function forgeScript(args, env) {
  const { status, stdout, stderr } = spawnSync(program("forge"), ["script", ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...env },
    encoding: "utf8",
  });
  return { status, words: stdout + stderr };
}

/** Ends the process with a reason and the end of a program's output. */
export function fail(what, words = "") {
  console.error(`FAILED: ${what}\n${words.split("\n").slice(-30).join("\n")}`);
  process.exit(1);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
