#!/usr/bin/env node
// Prints the path of a NATS server: the one that NATS_SERVER names, one on PATH, or Debian's, unpacked below target/nats-server
// without installing anything. Ends with 1 and says what to do where there is none.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = resolve(fileURLToPath(import.meta.url), "../../target/nats-server");
/** Without a network, apt gives up soon. */
const SOON = ["Acquire::Retries=0", "Acquire::http::Timeout=15", "Acquire::https::Timeout=15"].flatMap((option) => ["-o", option]);
const UNPACKED = join(FOLDER, "usr/sbin/nats-server");

/** The server's path, fetched where that is possible. */
export function natsServer() {
  const given = process.env.NATS_SERVER;
  if (given) return works(given) ? given : fail(`NATS_SERVER names ${given}, which does not run`);
  const found = ["nats-server", "/usr/sbin/nats-server", UNPACKED].find(works);
  if (found) return found;
  if (!onPath("apt-get") || !onPath("dpkg-deb")) return fail("there is no apt-get to fetch it with");
  mkdirSync(FOLDER, { recursive: true });
  const problem = fetch([]) && fetch(updated());
  return works(UNPACKED) ? UNPACKED : fail(problem || "Debian's package does not run here");
}

/** Downloads and unpacks the package; answers with the problem, if there is one. */
function fetch(options) {
  for (const name of readdirSync(FOLDER)) if (name.endsWith(".deb")) rmSync(join(FOLDER, name));
  const got = spawnSync("apt-get", [...SOON, ...options, "download", "-qq", "nats-server"], { cwd: FOLDER, encoding: "utf8" });
  const file = readdirSync(FOLDER).find((name) => name.endsWith(".deb"));
  if (got.status !== 0 || !file) return `apt-get download nats-server: ${(got.stderr ?? "").trim().split("\n").pop()}`;
  execFileSync("dpkg-deb", ["-x", join(FOLDER, file), FOLDER]);
  rmSync(join(FOLDER, file));
  return null;
}

/** Package lists of our own, for a machine whose lists are empty: needs no root. */
function updated() {
  for (const folder of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(FOLDER, "apt", folder), { recursive: true });
  const options = [`Dir::State::lists=${join(FOLDER, "apt/lists")}`, `Dir::Cache=${join(FOLDER, "apt/cache")}`].flatMap((option) => ["-o", option]);
  console.error("fetching Debian's package lists");
  spawnSync("apt-get", [...SOON, ...options, "update", "-qq"], { stdio: ["ignore", "ignore", "inherit"] });
  return options;
}

function works(program) {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function onPath(name) {
  return spawnSync("which", [name], { stdio: "ignore" }).status === 0;
}

function fail(reason) {
  throw new Error(`no nats-server: ${reason}; install it (on Debian: apt-get install nats-server) or name one with NATS_SERVER=<path>`);
}

if (process.argv[1] && existsSync(process.argv[1]) && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    console.log(natsServer());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
