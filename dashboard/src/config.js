// dashboard.json: which oracles to show, and where to read them. It lies beside the page.
import { getAddress, isHexString } from "ethers";

/** Reads dashboard.json; rejects with a sentence for a person. */
export async function loadConfig(fetcher = fetch, base = document.baseURI) {
  const url = new URL("dashboard.json", base);
  let answer;
  try {
    answer = await fetcher(url, { cache: "no-store" });
  } catch {
    throw new Error("dashboard.json cannot be read: its server does not answer.");
  }
  if (answer.status === 404) throw new Error("There is no dashboard.json beside this page.");
  if (!answer.ok) throw new Error(`dashboard.json cannot be read: its server answers ${answer.status}.`);
  let value;
  try {
    value = await answer.json();
  } catch {
    throw new Error("dashboard.json is not JSON.");
  }
  return checkConfig(value, url);
}

/** A checked copy; paths become absolute. Throws with the field that is wrong. */
export function checkConfig(value, url) {
  const wrong = (what) => {
    throw new Error(`dashboard.json: ${what}.`);
  };
  if (typeof value !== "object" || value === null) wrong("it is not an object");
  const { rpc, chainId, status, candles, oracles } = value;
  if (rpc !== null && !isRpcUrl(rpc)) wrong("rpc is neither an http or https address nor null");
  if (!Number.isSafeInteger(chainId) || chainId < 1) wrong("chainId is no positive integer");
  if (!Array.isArray(oracles) || oracles.length === 0) wrong("oracles is empty");
  const place = (path, name) => {
    if (path === null || path === undefined) return null;
    if (typeof path !== "string") wrong(`${name} is neither a path nor null`);
    return new URL(path, url).href;
  };
  const checked = oracles.map((oracle, index) => checkOracle(oracle, (what) => wrong(`oracles[${index}].${what}`)));
  const names = new Set(checked.map((oracle) => oracle.name));
  if (names.size !== checked.length) wrong("two oracles have the same name");
  return { rpc, chainId, status: place(status, "status"), candles: place(candles, "candles"), oracles: checked };
}

function checkOracle(oracle, wrong) {
  if (typeof oracle !== "object" || oracle === null) wrong(" is not an object");
  const address = (text, name) => {
    try {
      return getAddress(text);
    } catch {
      return wrong(`${name} is no address`);
    }
  };
  const optional = (text, field) => (text === null || text === undefined ? null : address(text, field));
  const { name, symbol, timeframe, model } = oracle;
  if (typeof name !== "string" || name === "") wrong("name is empty");
  if (typeof symbol !== "string" || symbol === "") wrong("symbol is empty");
  if (!Number.isSafeInteger(timeframe) || timeframe < 1) wrong("timeframe is no positive integer");
  if (model !== undefined && (typeof model?.name !== "string" || !isHexString(model?.id, 4))) {
    wrong("model is not a name and an id of four bytes");
  }
  return {
    name,
    symbol,
    timeframe,
    model: model ?? null,
    address: address(oracle.address, "address"),
    gateway: optional(oracle.gateway, "gateway"),
    module: optional(oracle.module, "module"),
  };
}

/** Whether a text is an address that a page can read a chain from. */
export function isRpcUrl(text) {
  if (typeof text !== "string") return false;
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}
