// One RPC, read with ethers: questions asked in one go travel as one batch.
import { FetchRequest, JsonRpcProvider, Network } from "ethers";

/** Questions per batch; public RPCs refuse longer ones. */
const BATCH = 40;
/** A question without an answer for this long has failed, ms. */
const PATIENCE = 15_000;

export class Client {
  /**
   * @param url the RPC
   * @param chainId the chain that the questions are about; whether the RPC is on it is for the caller to ask
   */
  constructor(url, chainId) {
    this.url = url;
    this.chainId = chainId;
    this.provider = provider(url, chainId, BATCH);
    this.single = null;
  }

  /** Asks one question; rejects with ethers' error. */
  async send(method, params) {
    const asked = this.provider;
    try {
      return await asked.send(method, params);
    } catch (error) {
      // An RPC that knows no batches answers one object to many questions.
      if (error?.code !== "BAD_DATA" || asked === this.single) throw error;
      this.single ??= this.provider = provider(this.url, this.chainId, 1);
      return this.single.send(method, params);
    }
  }

  /** Calls a function of a contract, as of `block`; resolves to its result, or to the list of its results. */
  async call(to, abi, name, args = [], block = "latest") {
    const fragment = abi.getFunction(name);
    const data = abi.encodeFunctionData(fragment, args);
    const answer = await this.send("eth_call", [{ to, data }, block]);
    const results = abi.decodeFunctionResult(fragment, answer);
    return fragment.outputs.length === 1 ? results[0] : results;
  }

  /** No answer will be waited for any more. */
  close() {
    this.provider.destroy();
  }
}

function provider(url, chainId, batchMaxCount) {
  const request = new FetchRequest(url);
  request.timeout = PATIENCE;
  request.setThrottleParams({ maxAttempts: 2 });
  const network = Network.from(chainId);
  return new JsonRpcProvider(request, network, { staticNetwork: network, batchMaxCount, batchStallTime: 5 });
}
