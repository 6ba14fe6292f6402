// Throughput of three workers against one: real processes on a NATS server of its own. Writes docs/figures/farm.json.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { natsServer } from "./nats-server.mjs";

const ROOT = resolve(fileURLToPath(import.meta.url), "../..");
const PROGRAM = process.env.VERIREGIME_PROGRAM ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "release/veriregime");
const WIDTHS = [496, 128, 64, 32, 3];
const WINDOWS = 30;
const WORKERS = [1, 3];
/** Each number of workers is measured so often, in turns; the median counts. */
const ROUNDS = 3;

let state = 1;
/** A whole number of 0 to n - 1, the same in every run. */
function random(n) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

/** A dense network with random weights of four bits. */
function network() {
  const layer = (index) => {
    const [from, to] = [WIDTHS[index], WIDTHS[index + 1]];
    const last = index === WIDTHS.length - 2;
    const weights = Array.from({ length: from * to }, () => random(15) - 7);
    const divisor = last ? 1 : 2 ** Math.ceil(Math.log2((256 * 7 * from + 500) / 500));
    const term = { input: index, outputs: to, weights, kernel: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
    const linear = { terms: [term], bias: Array.from({ length: to }, () => random(1000) - 500), divisor, table: last ? null : 0 };
    return { name: `dense${index}`, operator: { linear } };
  };
  const relu = { name: "relu", low: -600, values: Array.from({ length: 1200 }, (_, i) => Math.max(0, Math.min(255, i - 600))) };
  const nodes = WIDTHS.slice(1).map((_, index) => layer(index));
  return { format: "veriregime-network/1", input: { dims: [WIDTHS[0], 1, 1], low: -128, high: 127 }, tables: [relu], nodes };
}

const windows = (count) => Array.from({ length: count }, () => Array.from({ length: WIDTHS[0] }, () => random(256) - 128));

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a worker and waits until it is ready. */
function worker(url, queue, folder) {
  const environment = { ...process.env, VERIREGIME_CACHE: join(folder, "cache"), RUST_LOG: "warn,veriregime=info" };
  const child = spawn(PROGRAM, ["worker", "--nats", url, "--queue", queue], { stdio: ["ignore", "ignore", "pipe"], env: environment });
  return new Promise((done, fail) => {
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
      if (said.includes("farm.worker")) done(child);
    });
    child.on("exit", (status) => fail(new Error(`a worker ended with ${status}: ${said}`)));
  });
}

function farm(url, queue, folder, name, inputs) {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(inputs));
  const options = ["--network", join(folder, "network.json"), "--inputs", file, "--out", join(folder, name), "--nats", url, "--queue", queue];
  const environment = { ...process.env, VERIREGIME_CACHE: join(folder, "cache") };
  const { status, stdout, stderr } = spawnSync(PROGRAM, ["farm", "--json", ...options], { encoding: "utf8", env: environment, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`farm ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Windows a second with so many workers whose keys are in memory. */
async function measure(url, count, round, folder) {
  const queue = `bench-${count}-${round}`;
  const workers = await Promise.all(Array.from({ length: count }, () => worker(url, queue, folder)));
  for (const child of workers) child.removeAllListeners("exit");
  try {
    farm(url, queue, folder, `warm-${queue}`, windows(4 * count));
    const run = farm(url, queue, folder, queue, windows(WINDOWS));
    const times = run.jobs.map((job) => job.report.prove_ms).sort((a, b) => a - b);
    const made = run.jobs.map((job) => job.made);
    // From the first beginning to the last end: the caller's own keys and checks are not the workers' work.
    const span = Math.max(...made.map((job) => job.ended_ms)) - Math.min(...made.map((job) => job.begun_ms));
    return { span_ms: span, prove_ms: times[times.length >> 1], retries: run.retries, duplicates: run.duplicates, by_worker: Object.values(run.workers), report: run.jobs[0].report };
  } finally {
    for (const child of workers) child.kill("SIGKILL");
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function main() {
  const [load] = loadavg();
  const folder = mkdtempSync(join(tmpdir(), "veriregime-farm-"));
  const port = await freePort();
  const server = spawn(natsServer(), ["-js", "-a", "127.0.0.1", "-p", String(port), "-sd", join(folder, "store")], { stdio: "ignore" });
  try {
    writeFileSync(join(folder, "network.json"), JSON.stringify(network()));
    await pause(1000);
    const found = new Map(WORKERS.map((count) => [count, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const count of WORKERS) {
        const one = await measure(`nats://127.0.0.1:${port}`, count, round, folder);
        console.error(`${count} worker(s): ${((WINDOWS * 1000) / one.span_ms).toFixed(2)} proofs a second`);
        found.get(count).push(one);
      }
    }
    const [first] = found.get(1);
    const rows = WORKERS.map((count) => {
      const rounds = found.get(count);
      const span = median(rounds.map((one) => one.span_ms));
      return {
        workers: count,
        proofs_per_second: Number(((WINDOWS * 1000) / span).toFixed(3)),
        span_ms: rounds.map((one) => one.span_ms),
        median_prove_ms: median(rounds.map((one) => one.prove_ms)),
        retries: rounds.reduce((sum, one) => sum + one.retries, 0),
        duplicates: rounds.reduce((sum, one) => sum + one.duplicates, 0),
        jobs_by_worker: rounds[0].by_worker,
      };
    });
    const figures = {
      what: "proofs a second of workers on one machine, over NATS JetStream; keys in memory; medians of three rounds in turns",
      note: `all workers share the ${cpus().length} cores of one machine, and each proof uses every core already: what more workers gain here is the idle time of one proof's serial parts only`,
      machine: { cpu: cpus()[0].model, cores: cpus().length, memory_bytes: totalmem(), load_before: Number(load.toFixed(2)) },
      network: { widths: WIDTHS, k: first.report.k, rows: first.report.rows, columns: first.report.columns, proof_bytes: first.report.proof_bytes },
      windows: WINDOWS,
      rounds: ROUNDS,
      results: rows,
      three_against_one: Number((rows[1].proofs_per_second / rows[0].proofs_per_second).toFixed(3)),
    };
    writeFileSync(join(ROOT, "docs/figures/farm.json"), `${JSON.stringify(figures, null, 2)}\n`);
    console.log(readFileSync(join(ROOT, "docs/figures/farm.json"), "utf8"));
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
