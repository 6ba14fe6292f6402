// What time it is for ages and countdowns.

/** The local chain: its clock may be set by hand. */
export const LOCAL_CHAIN = 31337;
/** A local chain further away than this has its own time, seconds. */
const APART = 86_400;

/**
 * How far the clock that counts is ahead of this browser's, in seconds. It is the browser's own, except where a local
 * chain lives in another year: there it goes on from the latest block.
 * @param block `{ timestamp, at }` of the latest block, `at` when it was first seen in browser seconds; null if unknown
 */
export function clockOffset(chainId, block) {
  if (chainId !== LOCAL_CHAIN || !block) return { offset: 0, basis: "browser" };
  const offset = block.timestamp - block.at;
  return Math.abs(offset) > APART ? { offset, basis: "chain" } : { offset: 0, basis: "browser" };
}

/** This browser's time, UNIX seconds. */
export const browserNow = () => Date.now() / 1000;

/** The first close after `now` on the grid of a timeframe, UNIX seconds. */
export const nextClose = (now, timeframe) => (Math.floor(now / timeframe) + 1) * timeframe;
