// Reads one oracle from one RPC into the store, block by block.
import { Routes } from "./chain/evidence.js";
import { isModelActive, readBlock, readHead, readIdentity } from "./chain/oracle.js";
import { readTreasury, readTreasuryIdentity } from "./chain/treasury.js";
import { describe } from "./chain/failure.js";
import { Ledger, PAGE } from "./ledger.js";

/** What the chart shows, seconds. */
export const CHART_SPAN = 4 * 3_600;

/** The ids of the page that begins with `top`, newest first. */
export function pageIds(top) {
  return Array.from({ length: Math.max(0, Math.min(PAGE, top)) }, (_, i) => top - i);
}

export class Session {
  /**
   * @param client the RPC
   * @param entry the oracle in dashboard.json
   * @param tell takes parts of the state of this session
   */
  constructor(client, entry, tell) {
    this.client = client;
    this.entry = entry;
    this.top = null;
    this.block = null;
    this.closed = false;
    this.tell = (parts) => !this.closed && tell(parts);
  }

  close() {
    this.closed = true;
    this.ledger?.close();
  }

  /** Looks at the latest block, and if it is a new one, at everything. */
  async poll() {
    const block = await readBlock(this.client);
    if (block.hash !== this.seen) this.tell({ block, blockAt: Date.now() / 1000 });
    this.seen = block.hash;
    if (block.hash === this.block?.hash) return;
    this.identity ??= await readIdentity(this.client, this.entry);
    this.ledger ??= new Ledger(this.client, new Routes(this.client, this.identity.gateway), () =>
      this.tell({ rounds: new Map(this.ledger.rounds) }),
    );
    const head = await readHead(this.client, this.entry.address, block);
    this.oracle = { ...this.identity, ...head };
    this.ledger.follow(this.oracle, block);
    this.tell({ oracle: this.oracle });
    const newest = head.latest === 0 ? null : await this.ledger.read(head.latest, true);
    await Promise.all([this.show(), this.readLatest(newest, block), this.readChart(newest)]);
    // Only now: a block that was not read to its end is read again.
    this.block = block;
  }

  /** Shows the page that begins with round `top`; null follows the latest round. */
  async turn(top) {
    this.top = top !== null && top < this.oracle.latest ? Math.max(top, 1) : null;
    await this.show();
  }

  /** Reads everything again with the next poll. */
  again() {
    this.block = null;
  }

  async show() {
    const { latest } = this.oracle;
    const ids = pageIds(this.top ?? latest);
    this.tell({ ids });
    // The latest round stands above every page.
    const wanted = latest > 0 && ids[0] !== latest ? [latest, ...ids] : ids;
    await this.ledger.show(wanted);
  }

  async readLatest(newest, block) {
    if (newest?.error) throw new Error(newest.error);
    const stored = newest?.value ?? null;
    const active = stored && (await isModelActive(this.client, this.entry.address, stored.modelId));
    this.tell({ latest: stored, modelActive: active });
    if (this.entry.module === null) return;
    try {
      this.treasury ??= await readTreasuryIdentity(this.client, this.entry);
      const plan = await readTreasury(this.client, this.entry.module, this.oracle.latest, stored?.lastCloseE8, block);
      this.tell({ treasury: { ...this.treasury, ...plan }, treasuryError: null });
    } catch (error) {
      this.tell({ treasuryError: describe(error) });
    }
  }

  async readChart(newest) {
    if (this.oracle.latest === this.charted) return;
    const since = (newest?.value?.closeTime ?? 0) - CHART_SPAN;
    const history = await this.ledger.history(this.oracle.latest, since);
    this.charted = this.oracle.latest;
    this.tell({ history });
  }
}
