// Reads an oracle: what never changes once, the rest with every block.
import { decodeBytes32String, getAddress } from "ethers";
import { ORACLE } from "./abi.js";
import { hex } from "./blocks.js";

/** The RPC answers, but not for the deployment of dashboard.json. */
export class WrongDeployment extends Error {
  /** @param kind "chain", "oracle" or "gateway" */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** The latest block; refuses an RPC of another chain. */
export async function readBlock(client) {
  const [chainId, block] = await Promise.all([
    client.send("eth_chainId", []),
    client.send("eth_getBlockByNumber", ["latest", false]),
  ]);
  if (Number(chainId) !== client.chainId) {
    throw new WrongDeployment("chain", `${client.url} is on chain ${Number(chainId)}, not on chain ${client.chainId}.`);
  }
  return { number: Number(block.number), timestamp: Number(block.timestamp), hash: block.hash };
}

/** What an oracle can never change: market, schema, gateway. */
export async function readIdentity(client, entry) {
  const code = await client.send("eth_getCode", [entry.address, "latest"]);
  if (code === "0x") {
    throw new WrongDeployment("oracle", `There is no contract at ${entry.address} on chain ${client.chainId}.`);
  }
  const ask = (name) => client.call(entry.address, ORACLE, name);
  const [symbol, timeframe, windowValues, classes, gateway] = await Promise.all(
    ["symbol", "timeframe", "windowValues", "classes", "gateway"].map(ask),
  );
  if (entry.gateway !== null && gateway !== entry.gateway) {
    throw new WrongDeployment("gateway", `The oracle asks the gateway ${gateway}; dashboard.json names ${entry.gateway}.`);
  }
  return {
    chainId: client.chainId,
    address: entry.address,
    gateway,
    symbol,
    symbolText: decodeBytes32String(symbol),
    timeframe: Number(timeframe),
    windowValues: Number(windowValues),
    classes: Number(classes),
  };
}

/** What governance and rounds change. */
export async function readHead(client, address, block) {
  const at = hex(block.number);
  const ask = (name, args) => client.call(address, ORACLE, name, args, at);
  const [latest, maxAge, attestors, threshold] = await Promise.all([
    ask("latestRoundId"),
    ask("maxAge"),
    ask("attestors"),
    ask("threshold"),
  ]);
  return {
    latest: Number(latest),
    maxAge: Number(maxAge),
    attestors: attestors.map((attestor) => getAddress(attestor)),
    threshold: Number(threshold),
  };
}

/** Whether a model's answers may still be used. */
export const isModelActive = (client, address, modelId) => client.call(address, ORACLE, "isModelActive", [modelId]);
