// Why a question to an RPC got no answer, and whether it was the contract or the RPC that refused.

/** The RPC's own error object behind an error of ethers, if there is one. */
export function rpcError(error) {
  return error?.info?.error ?? error?.error ?? null;
}

/**
 * Whether the contract itself refused: the call reverted. Anything else (no connection, a limit, a timeout, out of gas)
 * says nothing about the contract. Ethers' own code does not tell: it calls every failed call CALL_EXCEPTION.
 */
export function isRevert(error) {
  const inner = rpcError(error);
  if (inner?.code === 3) return true;
  return /\brevert|invalid opcode|invalidfeopcode/i.test(`${inner?.message} ${inner?.data}`);
}

/** A short sentence for a person. */
export function describe(error) {
  const inner = rpcError(error);
  if (inner?.message) return `the RPC answers: ${cut(inner.message)}`;
  if (error?.code === "TIMEOUT" || error?.code === "NETWORK_ERROR") return "no answer in time";
  if (error?.code === "SERVER_ERROR") return `the RPC answers with ${error.info?.responseStatus ?? error.response?.statusCode ?? "an error"}`;
  if (error?.code === "BAD_DATA") return "the RPC's answer is not what was asked for";
  // What browsers say of a refused or blocked connection differs and helps nobody.
  if (error instanceof TypeError) return "no connection";
  return cut(error?.shortMessage ?? error?.message ?? `${error}`);
}

const cut = (text) => (text.length > 160 ? `${text.slice(0, 157)}...` : text);
