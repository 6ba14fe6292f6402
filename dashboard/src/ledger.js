// The rounds of one oracle as this page knows them: read page by page, judged one by one, kept until the chain says
// otherwise.
//
//   round(id) x page ─┬─> SignalAccepted x page ──> per round: calldata, receipt, route, verify() ──> steps
//                     └─> chart (storage alone)
import { gather, storedRound } from "./chain/evidence.js";
import { describe } from "./chain/failure.js";
import { RoundLogs } from "./chain/logs.js";
import { judge, overall, quorum } from "./chain/steps.js";
import { decodeStatement } from "./chain/statement.js";

/** Rounds on a page. */
export const PAGE = 20;
/** Rounds judged at the same time. */
const AT_ONCE = 8;
/** A round this deep is not looked at again. */
const DEEP = 64;
/** A round with an unknown step is asked about again after this long, ms. */
const AGAIN = 60_000;
/** Rounds asked for at once for the chart. */
const CHUNK = 60;

export class Ledger {
  /**
   * @param client the RPC
   * @param routes the gateway's routes
   * @param changed hears that a round or the chart's list has changed
   */
  constructor(client, routes, changed) {
    this.client = client;
    this.routes = routes;
    this.changed = changed;
    this.rounds = new Map();
    this.stored = new Map();
    this.oracle = null;
    this.head = null;
    this.queue = [];
    this.working = 0;
    this.closed = false;
  }

  /** Hears of the oracle's state as of a block. */
  follow(oracle, block) {
    this.oracle = oracle;
    this.head = block;
    this.logs ??= new RoundLogs(this.client, oracle.address);
    this.logs.blocks.note(block.number, block.timestamp);
  }

  close() {
    this.closed = true;
    this.queue = [];
  }

  /** Shows these rounds: reads what is not known, and looks again at what may still be reorganised. */
  async show(ids) {
    const open = ids.filter((id) => !this.settled(id));
    if (open.length === 0) return;
    const stored = await Promise.all(open.map((id) => this.read(id, true)));
    const there = stored.filter((round) => round.value);
    let events;
    try {
      const found = await this.logs.of(there.map((round) => round.value), this.head.number);
      events = (id) => ({ value: found.get(id) ?? null });
    } catch (error) {
      events = () => ({ error: describe(error) });
    }
    open.forEach((id, index) => this.take(id, stored[index], events(id)));
    this.work();
  }

  settled(id) {
    const round = this.rounds.get(id);
    if (!round) return false;
    if (round.state === "unknown") return Date.now() - round.at < AGAIN;
    return this.head.number - (round.evidence.event?.value?.block ?? Infinity) >= DEEP;
  }

  /** Keeps a round if it is where it was, else has it judged anew. */
  take(id, stored, event) {
    const known = this.rounds.get(id);
    const same =
      known &&
      known.state !== "unknown" &&
      event.value &&
      known.evidence.event?.value?.blockHash === event.value.blockHash &&
      sameStored(known.evidence.stored?.value, stored.value);
    if (same) return;
    this.queue = this.queue.filter((waiting) => waiting.id !== id);
    this.queue.push({ id, stored, event });
    this.queue.sort((a, b) => b.id - a.id);
    if (!known) this.set(id, { stored, event });
  }

  work() {
    while (this.working < AT_ONCE && this.queue.length > 0) {
      const { id, stored, event } = this.queue.shift();
      this.working += 1;
      gather({
        client: this.client,
        oracle: this.oracle,
        routes: this.routes,
        known: { stored, event },
        tell: (evidence) => this.set(id, evidence),
      })
        .then((evidence) => this.set(id, evidence, true))
        .catch((error) => this.set(id, { stored, event, submission: { error: describe(error) } }, true))
        .finally(() => {
          this.working -= 1;
          this.work();
        });
    }
  }

  set(id, evidence, done = false) {
    if (this.closed) return;
    const before = this.rounds.get(id);
    // A verdict that stands is not taken back while it is checked again.
    if (before?.done && !done) return;
    this.rounds.set(id, digest(id, evidence, this.oracle, done));
    this.changed();
  }

  /** A stored round as `{ value }` or `{ error }`; `fresh` asks even if it is known. */
  async read(id, fresh = false) {
    if (!fresh && this.stored.has(id)) return { value: this.stored.get(id) };
    try {
      const value = await storedRound(this.client, this.oracle.address, id);
      if (value) this.stored.set(id, value);
      return { value };
    } catch (error) {
      return { error: describe(error) };
    }
  }

  /** The stored rounds that closed at or after `since`, ascending, from what can be read. */
  async history(latest, since) {
    const found = [];
    for (let top = latest; top > 0; top -= CHUNK) {
      const ids = Array.from({ length: Math.min(CHUNK, top) }, (_, i) => top - i);
      const chunk = (await Promise.all(ids.map((id) => this.read(id)))).flatMap((round) => round.value ?? []);
      const within = chunk.filter((round) => round.closeTime >= since);
      found.push(...within);
      if (within.length < ids.length) break;
    }
    return found.reverse();
  }
}

/** A round as the page shows it. */
function digest(id, evidence, oracle, done) {
  const steps = judge(evidence, oracle);
  const submission = evidence.submission?.value ?? null;
  const decoded = submission && decodeStatement(submission.publicInputs, oracle.windowValues, oracle.classes);
  const receipt = evidence.receipt?.value ?? null;
  return {
    id,
    evidence,
    steps,
    done,
    at: Date.now(),
    state: overall(steps),
    stored: evidence.stored?.value ?? null,
    event: evidence.event?.value ?? null,
    logits: decoded && !decoded.problem ? decoded.logits : null,
    margin: decoded && !decoded.problem ? decoded.margin : null,
    batch: submission?.batch ?? 1,
    gas: receipt ? Math.round(receipt.gasUsed / (submission?.batch ?? 1)) : null,
    fee: receipt ? receipt.fee / BigInt(submission?.batch ?? 1) : null,
    signers: submission && evidence.event?.value ? quorum({ ...evidence, oracle }) : null,
  };
}

const sameStored = (a, b) =>
  a && b && a.closeTime === b.closeTime && a.class === b.class && a.modelId === b.modelId && a.lastCloseE8 === b.lastCloseE8;
