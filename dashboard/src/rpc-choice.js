// The RPC URL that a reader chose, kept in this browser alone, one per chain.
import { isRpcUrl } from "./config.js";

const key = (chainId) => `veriregime.rpc.${chainId}`;

/** The URL chosen for a chain, or null. A browser without storage has chosen none. */
export function chosenRpc(chainId) {
  try {
    const url = localStorage.getItem(key(chainId));
    return isRpcUrl(url) ? url : null;
  } catch {
    return null;
  }
}

/** Keeps a choice; null forgets it. */
export function chooseRpc(chainId, url) {
  try {
    if (url === null) localStorage.removeItem(key(chainId));
    else localStorage.setItem(key(chainId), url);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}
