// What time it is for ages and countdowns.

/** The local chain: its clock is set by hand. */
export const LOCAL_CHAIN = 31337;

/**
 * How far the clock that counts is ahead of this browser's, in seconds. On a public chain that is the browser's own. On
 * a local chain, whose time may be another year's, it is the node's, and without a node the latest block's.
 * @param heard `{ now, at }` of the node and `{ timestamp, at }` of the latest block, `at` in browser seconds
 */
export function clockOffset(chainId, heard) {
  if (chainId !== LOCAL_CHAIN) return { offset: 0, basis: "browser" };
  if (heard.node) return { offset: heard.node.now - heard.node.at, basis: "node" };
  if (heard.block) return { offset: heard.block.timestamp - heard.block.at, basis: "chain" };
  return { offset: 0, basis: "browser" };
}

/** This browser's time, UNIX seconds. */
export const browserNow = () => Date.now() / 1000;

/** The first close after `now` on the grid of a timeframe, UNIX seconds. */
export const nextClose = (now, timeframe) => (Math.floor(now / timeframe) + 1) * timeframe;
