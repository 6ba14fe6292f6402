// The events of rounds: from one question where the RPC allows it, else from the very blocks that accepted them.
import { toBeHex } from "ethers";
import { ORACLE } from "./abi.js";
import { Blocks, hex } from "./blocks.js";
import { rpcError } from "./failure.js";

const ACCEPTED = ORACLE.getEvent("SignalAccepted");
/** Blocks that an RPC is asked about at once after it refused to look at all of them; a second refusal ends that, too. */
const SPAN = 1_000;

export class RoundLogs {
  /** @param client the RPC, @param oracle the oracle's address */
  constructor(client, oracle) {
    this.client = client;
    this.oracle = oracle;
    this.blocks = new Blocks(client);
    this.span = Infinity;
  }

  /**
   * The events of rounds, by id; a round whose event the RPC does not give is missing.
   * @param rounds `{ id, acceptedAt }`
   * @param latest number of the latest block
   */
  async of(rounds, latest) {
    if (rounds.length === 0) return new Map();
    if (this.span === Infinity) {
      const found = await this.within(rounds, 0, latest);
      if (found) return found;
    }
    const moments = rounds.map((round) => round.acceptedAt);
    const first = await this.blocks.at(Math.min(...moments), latest);
    const last = await this.blocks.at(Math.max(...moments), latest);
    if (first === null || last === null) return new Map();
    if (last - first < this.span) {
      const within = await this.within(rounds, first, last);
      if (within) return within;
    }
    const found = new Map();
    for (const round of rounds) {
      const block = await this.blocks.at(round.acceptedAt, latest);
      if (block === null) continue;
      for (const [id, event] of await this.ask([round], block, block)) found.set(id, event);
    }
    return found;
  }

  /** What an RPC finds in these blocks; null if they are too many for it, which it is not asked again. */
  async within(rounds, first, last) {
    try {
      return await this.ask(rounds, first, last);
    } catch (error) {
      if (rpcError(error) === null) throw error;
      this.span = this.span === Infinity ? SPAN : 0;
      return null;
    }
  }

  async ask(rounds, fromBlock, toBlock) {
    const topics = [ACCEPTED.topicHash, rounds.map((round) => toBeHex(round.id, 32))];
    const filter = { address: this.oracle, topics, fromBlock: hex(fromBlock), toBlock: hex(toBlock) };
    const logs = await this.client.send("eth_getLogs", [filter]);
    const own = logs.filter((log) => log.address.toLowerCase() === this.oracle.toLowerCase());
    return new Map(own.map((log) => eventOf(log)).map((event) => [event.id, event]));
  }
}

/** A SignalAccepted log as plain data. */
export function eventOf(log) {
  const args = ORACLE.decodeEventLog(ACCEPTED, log.data, log.topics);
  return {
    id: Number(args.roundId),
    modelId: args.modelId,
    class: Number(args.class),
    closeTime: Number(args.closeTime),
    inputsDigest: args.inputsDigest,
    lastCloseE8: args.lastCloseE8,
    submitter: args.submitter,
    tx: log.transactionHash,
    block: Number(log.blockNumber),
    blockHash: log.blockHash,
    log: { address: log.address, topics: log.topics, data: log.data },
  };
}
