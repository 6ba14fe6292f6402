// Finds the block of a moment. A round's acceptedAt is exactly the timestamp of its block.

/** Blocks seen, by number, so that a search begins near its end. */
export class Blocks {
  constructor(client) {
    this.client = client;
    this.seen = new Map();
  }

  /** Remembers a block. */
  note(number, timestamp) {
    this.seen.set(number, timestamp);
  }

  async timestamp(number) {
    if (!this.seen.has(number)) {
      const block = await this.client.send("eth_getBlockByNumber", [hex(number), false]);
      if (block === null) throw new Error(`the RPC does not have block ${number}`);
      this.note(number, Number(block.timestamp));
    }
    return this.seen.get(number);
  }

  /** The first block with a timestamp of at least `moment`, among those up to `latest`; null if there is none. */
  async at(moment, latest) {
    if ((await this.timestamp(latest)) < moment) return null;
    // Invariant: below is earlier than the moment, above is not.
    let [below, above] = [-1, latest];
    for (const [number, timestamp] of this.seen) {
      if (timestamp < moment && number > below) below = number;
      if (timestamp >= moment && number < above) above = number;
    }
    // Interpolation finds a regular chain's block at once; halving in turns keeps an irregular one's search short.
    for (let turn = 0; above - below > 1; ++turn) {
      const half = below + Math.floor((above - below) / 2);
      const middle = turn % 2 === 0 ? await this.guess(below, above, moment) : half;
      if ((await this.timestamp(middle)) < moment) below = middle;
      else above = middle;
    }
    return above;
  }

  async guess(below, above, moment) {
    if (below < 0) return Math.floor(above / 2);
    const [from, to] = [await this.timestamp(below), await this.timestamp(above)];
    const share = to > from ? (moment - from) / (to - from) : 0.5;
    return Math.min(above - 1, Math.max(below + 1, below + Math.round(share * (above - below))));
  }
}

/** A block number as RPCs want it. */
export const hex = (number) => `0x${number.toString(16)}`;
