// The treasury: what it holds, and what the module would do with the latest round.
import { CALM, guardSentence } from "../chain/guards.js";
import { className } from "../classes.js";
import { bps, count, decimal, priceE8 } from "../format.js";
import { Bone, Fact, Hash, Nothing, Panel } from "./parts.jsx";

export function Treasury({ state }) {
  const { treasury, treasuryError, oracle, chain } = state;
  const entry = state.config.oracles.find((other) => other.name === state.name);
  const aside = treasury && <Hash value={treasury.safe} what="Safe" />;
  return (
    <Panel id="treasury" title="Treasury" aside={aside}>
      {entry.module === null ? (
        <Nothing title="No treasury">
          {oracle?.classes === 2 ? "Regimes are not traded on: no module follows this oracle." : "No module is deployed for this oracle."}
        </Nothing>
      ) : chain.state === "wrong" || (!treasury && (treasuryError || chain.state === "down")) ? (
        <Nothing title="The treasury is not known">{treasuryError ? `${treasuryError}.` : "The chain does not answer as it should."}</Nothing>
      ) : treasury ? (
        <Holdings treasury={treasury} error={treasuryError} oracle={oracle} />
      ) : (
        <div class="treasury is-loading">
          <p class="big">
            <Bone width="8ch" />
          </p>
          <Bone width="100%" />
          <Bone width="70%" />
        </div>
      )}
    </Panel>
  );
}

function Holdings({ treasury, error, oracle }) {
  const { base, quote, value, allocationBps } = treasury;
  return (
    <div class="treasury">
      {error && <p class="soft">Not read any more: {error}. What follows is older.</p>}
      <p class="big num">
        {value === null ? "–" : decimal(value, quote.decimals, 0)} <span class="unit">{quote.symbol}</span>
      </p>
      <p class="soft">
        {value === null
          ? "valued with the first round"
          : `at ${priceE8(treasury.priceE8)}, ${treasury.priceFrom === "feed" ? "the price feed" : "the round's close"}`}
      </p>
      {allocationBps !== null && <Allocation treasury={treasury} />}
      <dl class="facts">
        <Fact name={base.symbol}>{decimal(treasury.baseBalance, base.decimals, 4)}</Fact>
        <Fact name={quote.symbol}>{decimal(treasury.quoteBalance, quote.decimals, 2)}</Fact>
        <Fact name="Turnover left">
          {decimal(treasury.budgets.turnover, quote.decimals, 0)} of {decimal(treasury.policy.turnover, quote.decimals, 0)}
        </Fact>
        <Fact name="Last executed">{treasury.lastExecuted === 0 ? "never" : `round ${count(treasury.lastExecuted)}`}</Fact>
      </dl>
      <Plan treasury={treasury} oracle={oracle} />
    </div>
  );
}

function Allocation({ treasury }) {
  const { base, quote, allocationBps, sellTargetBps, buyTargetBps } = treasury;
  const label = `${bps(allocationBps)} ${base.symbol}, ${bps(10_000 - allocationBps)} ${quote.symbol}; a SELL moves toward ${bps(sellTargetBps)}, a BUY toward ${bps(buyTargetBps)}`;
  return (
    <div class="allocation">
      <p class="allocation-names">
        <span>
          {base.symbol} <b class="num">{bps(allocationBps)}</b>
        </span>
        <span>
          <b class="num">{bps(10_000 - allocationBps)}</b> {quote.symbol}
        </span>
      </p>
      <div class="allocation-bar" role="img" aria-label={label}>
        <i style={{ width: `${allocationBps / 100}%` }} />
        <b class="target is-sell" style={{ left: `${sellTargetBps / 100}%` }} />
        <b class="target is-buy" style={{ left: `${buyTargetBps / 100}%` }} />
      </div>
      <p class="allocation-targets" aria-hidden="true">
        <span style={{ left: `${sellTargetBps / 100}%` }}>SELL {Math.round(sellTargetBps / 100)} %</span>
        <span style={{ left: `${buyTargetBps / 100}%` }}>BUY {Math.round(buyTargetBps / 100)} %</span>
      </p>
    </div>
  );
}

function Plan({ treasury, oracle }) {
  const { guard, guardName, trade, base, quote, round } = treasury;
  const mood = trade ? "go" : CALM.has(guardName) ? "calm" : "stop";
  const last = round > 0 ? ` with round ${count(round)}` : "";
  return (
    <div class={`plan is-${mood}`} data-guard={guardName}>
      <p class="plan-title">{trade ? `Would trade now${last}` : `No trade now${last}`}</p>
      {trade ? (
        <p>{tradeSentence(treasury)}</p>
      ) : (
        <p>
          {guardSentence(guard, {
            got: treasury.got,
            want: treasury.want,
            signal: className(treasury.signal, oracle.classes),
            base,
            quote,
          })}
        </p>
      )}
      <p class="soft plan-source">
        <code>preview({count(round)})</code> answers <code>{guardName}</code>
      </p>
    </div>
  );
}

function tradeSentence({ trade, base, quote }) {
  const selling = trade.tokenIn === base.address;
  const [from, to] = selling ? [base, quote] : [quote, base];
  const amount = (value, token) => `${decimal(value, token.decimals, token === base ? 4 : 2)} ${token.symbol}`;
  return `It would ${selling ? "sell" : "spend"} ${amount(trade.amountIn, from)} for at least ${amount(trade.minAmountOut, to)}. Anyone may execute it.`;
}
