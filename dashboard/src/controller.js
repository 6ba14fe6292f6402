// Starts and stops everything that reads: configuration, chain, node. The view asks it for changes, the store hears
// of their results.
import { clockOffset } from "./clock.js";
import { isRpcUrl, loadConfig } from "./config.js";
import { Client } from "./chain/client.js";
import { describe } from "./chain/failure.js";
import { WrongDeployment } from "./chain/oracle.js";
import { readCandles } from "./node/candles.js";
import { readStatus } from "./node/status.js";
import { startPoller } from "./poller.js";
import { chooseRpc, chosenRpc } from "./rpc-choice.js";
import { Session } from "./session.js";

/** Pauses between questions, ms. */
const PACE = { chain: 4_000, status: 2_500, candles: 15_000 };
/** Candles asked for. */
const CANDLES = 240;

/** A node whose RPC may hold an access token does not give it away. */
const NO_RPC = "The node keeps its own to itself: name one that this browser may ask.";

/** Nothing read from a chain yet. */
const UNREAD = {
  chain: { state: "loading", error: null, retryAt: null },
  block: null,
  blockAt: null,
  oracle: null,
  latest: undefined,
  modelActive: null,
  ids: null,
  rounds: new Map(),
  history: null,
  treasury: null,
  treasuryError: null,
};

/** The state before anything is read. */
export const START = {
  config: null,
  configError: null,
  name: null,
  rpc: null,
  ...UNREAD,
  node: { state: "loading", error: null, retryAt: null, status: null },
  candles: { state: "loading", error: null, list: null },
};

export class Controller {
  constructor(store) {
    this.store = store;
    this.pollers = {};
  }

  /** Reads dashboard.json and starts reading what it names. */
  async start() {
    this.store.update({ configError: null });
    try {
      const config = await loadConfig();
      this.store.update({ config, rpc: chosenRpc(config.chainId) ?? config.rpc });
      this.readNode(config);
      this.choose(this.named(location.hash) ?? config.oracles[0].name);
      addEventListener("hashchange", () => {
        const name = this.named(location.hash);
        if (name && name !== this.store.get().name) this.choose(name);
      });
    } catch (error) {
      this.store.update({ configError: error.message });
    }
  }

  /** The oracle that an address's fragment names. */
  named(hash) {
    let name = null;
    try {
      name = decodeURIComponent(hash.slice(1));
    } catch {
      // A fragment that is not well-formed names nothing.
    }
    return this.store.get().config.oracles.find((oracle) => oracle.name === name)?.name ?? null;
  }

  /** Shows another oracle. */
  choose(name) {
    history.replaceState(null, "", `#${encodeURIComponent(name)}`);
    this.store.update({ name });
    this.readChain();
  }

  /** Reads the chain from another RPC, or with null from the one of dashboard.json. */
  useRpc(url) {
    const { config } = this.store.get();
    chooseRpc(config.chainId, url);
    this.store.update({ rpc: url ?? config.rpc });
    this.readChain();
  }

  /** Whether an RPC can be used: null, or a sentence that says why not. */
  async tryRpc(url) {
    const { config } = this.store.get();
    if (!isRpcUrl(url)) return "An address begins with http:// or https://.";
    const client = new Client(url, config.chainId);
    try {
      const chainId = Number(await client.send("eth_chainId", []));
      return chainId === config.chainId ? null : `This RPC is on chain ${chainId}; the deployment is on chain ${config.chainId}.`;
    } catch (error) {
      return `This RPC cannot be read: ${describe(error)}.`;
    } finally {
      client.close();
    }
  }

  /** Turns the table to the page that begins with round `top`; null follows the latest round. */
  turn(top) {
    this.session.turn(top).catch(() => this.pollers.chain.now());
  }

  /** Asks the chain at once. */
  retry() {
    this.session?.again();
    this.pollers.chain?.now();
    this.pollers.status?.now();
    this.pollers.candles?.now();
  }

  readChain() {
    this.pollers.chain?.stop();
    this.session?.close();
    this.client?.close();
    const { config, name, rpc } = this.store.get();
    const entry = config.oracles.find((oracle) => oracle.name === name);
    this.store.update(UNREAD);
    if (rpc === null) {
      this.store.update({ chain: { state: "wrong", kind: "none", error: NO_RPC, retryAt: null } });
      return;
    }
    this.client = new Client(rpc, config.chainId);
    const session = new Session(this.client, entry, (parts) => this.store.update(parts));
    this.session = session;
    this.pollers.chain = startPoller({
      every: PACE.chain,
      ask: () => session.poll(),
      told: (error, retryAt) => this.store.update({ chain: chainState(error, retryAt) }),
    });
  }

  readNode(config) {
    if (config.status === null) this.store.update({ node: { ...START.node, state: "none" } });
    else {
      this.pollers.status = startPoller({
        every: PACE.status,
        ask: async () => {
          const status = await readStatus(config.status);
          this.store.update({ node: { state: "ok", error: null, retryAt: null, status } });
        },
        told: (error, retryAt) =>
          error && this.store.update(({ node }) => ({ node: { ...node, state: "down", error: error.message, retryAt } })),
      });
    }
    if (config.candles === null) this.store.update({ candles: { state: "none", error: null, list: null } });
    else {
      this.pollers.candles = startPoller({
        every: PACE.candles,
        ask: async () => {
          const list = await readCandles(config.candles, CANDLES);
          this.store.update({ candles: { state: "ok", error: null, list } });
        },
        told: (error) =>
          error && this.store.update(({ candles }) => ({ candles: { ...candles, state: "down", error: error.message } })),
      });
    }
  }
}

function chainState(error, retryAt) {
  if (error === null) return { state: "ok", error: null, retryAt: null };
  if (error instanceof WrongDeployment) return { state: "wrong", kind: error.kind, error: error.message, retryAt };
  return { state: "down", error: describe(error), retryAt };
}

/** The clock that ages and countdowns count by. */
export function clockOf({ config, block, blockAt }) {
  if (!config) return { offset: 0, basis: "browser" };
  return clockOffset(config.chainId, block && { timestamp: block.timestamp, at: blockAt });
}
