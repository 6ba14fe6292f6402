// Reads a treasury: what it holds, how that is split, and what the module would do with a round.
import { MODULE, TOKEN } from "./abi.js";
import { hex } from "./blocks.js";
import { WrongDeployment } from "./oracle.js";
import { GUARDS } from "./guards.js";

/** What a module can never change: its Safe and its pair. */
export async function readTreasuryIdentity(client, entry) {
  const ask = (name) => client.call(entry.module, MODULE, name);
  const [oracle, safe, base, quote] = await Promise.all(["oracle", "safe", "base", "quote"].map(ask));
  if (oracle !== entry.address) {
    throw new WrongDeployment("module", `The module ${entry.module} follows another oracle, ${oracle}.`);
  }
  const [baseToken, quoteToken] = await Promise.all([token(client, base), token(client, quote)]);
  return { address: entry.module, safe, base: baseToken, quote: quoteToken };
}

async function token(client, address) {
  const [symbol, decimals] = await Promise.all([
    client.call(address, TOKEN, "symbol"),
    client.call(address, TOKEN, "decimals"),
  ]);
  return { address, symbol, decimals: Number(decimals) };
}

/**
 * What the module says of a round in a block.
 * @param closeE8 the round's close, at which the treasury is valued when the plan did not get as far as the feed
 */
export async function readTreasury(client, module, round, closeE8, block) {
  const at = hex(block.number);
  const ask = (name, args) => client.call(module, MODULE, name, args, at);
  const [plan, policy, budgets, lastExecuted, held] = await Promise.all([
    ask("preview", [round]),
    ask("policy"),
    ask("budgetsLeft"),
    ask("lastExecutedRound"),
    ask("balances"),
  ]);
  const price = plan.priceE8 > 0n ? plan.priceE8 : (closeE8 ?? 0n);
  const [value, allocation] =
    price > 0n ? await ask("valueAt", [price, held.baseBalance, held.quoteBalance]) : [null, null];
  return {
    round,
    guard: Number(plan.guard),
    guardName: GUARDS[Number(plan.guard)] ?? "Unknown",
    signal: Number(plan.signal),
    got: plan.got,
    want: plan.want,
    priceE8: price,
    priceFrom: plan.priceE8 > 0n ? "feed" : "close",
    baseBalance: held.baseBalance,
    quoteBalance: held.quoteBalance,
    value,
    allocationBps: allocation === null ? null : Number(allocation),
    sellTargetBps: Number(policy.sellTargetBps),
    buyTargetBps: Number(policy.buyTargetBps),
    lastExecuted: Number(lastExecuted),
    budgets: { turnover: budgets.turnover, loss: budgets.loss },
    policy: { turnover: policy.turnoverBudget, loss: policy.lossBudget },
    trade:
      plan.amountIn > 0n
        ? { tokenIn: plan.tokenIn, amountIn: plan.amountIn, minAmountOut: plan.minAmountOut, value: plan.tradeValue }
        : null,
  };
}
