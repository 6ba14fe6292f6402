// The whole page.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { className } from "../classes.js";
import { clockOf } from "../controller.js";
import { Attestors } from "./attestors.jsx";
import { Chart } from "./chart.jsx";
import { Hero, standing } from "./hero.jsx";
import { App as Context, useNow, useStore } from "./hooks.js";
import { Node } from "./node.jsx";
import { Notice, Notices } from "./notices.jsx";
import { Boundary, STATE_WORDS } from "./parts.jsx";
import { Rounds } from "./rounds.jsx";
import { Settings } from "./settings.jsx";
import { Top } from "./top.jsx";
import { Treasury } from "./treasury.jsx";

export function App({ store, controller, expected }) {
  const state = useStore(store);
  const { offset, basis } = clockOf(state);
  const now = useNow(offset);
  const [settings, setSettings] = useState(false);
  const [said, announce] = useState("");
  const context = useMemo(() => ({ controller, announce }), [controller]);
  const confidence = (round) => confidenceOf(state, round, expected);
  useNews(state, announce);
  useTitle(state, now);
  const showSettings = () => setSettings(true);
  return (
    <Context.Provider value={context}>
      <Top state={state} now={now} basis={basis} onSettings={showSettings} />
      <main>
        {state.configError ? (
          <NoConfig error={state.configError} retry={() => controller.start()} />
        ) : (
          state.config && (
            <>
              <Boundary name="hero">
<Hero state={state} now={now} confidence={confidence} />
</Boundary>
              <div class="columns">
                <div class="column">
                  <Boundary name="chart">
<ChartOf state={state} />
</Boundary>
                  <Boundary name="rounds">
<Rounds state={state} confidence={confidence} />
</Boundary>
                </div>
                <aside class="column" aria-label="Treasury, node and attestors">
                  <Boundary name="treasury">
<Treasury state={state} />
</Boundary>
                  <Boundary name="node">
<Node state={state} />
</Boundary>
                  <Boundary name="attestors">
<Attestors state={state} />
</Boundary>
                </aside>
              </div>
            </>
          )
        )}
      </main>
      {state.config && <Notices state={state} now={now} offset={offset} onSettings={showSettings} />}
      {state.config && <Foot state={state} basis={basis} />}
      <p class="vh" role="status" aria-live="polite">
        {said}
      </p>
      <Settings state={state} open={settings} onClose={() => setSettings(false)} />
    </Context.Provider>
  );
}

/** Redrawn only when what it shows has changed. */
function ChartOf({ state }) {
  const { candles, history, oracle, config, name, chain, node } = state;
  const entry = config.oracles.find((other) => other.name === name);
  const rounds = chain.state === "wrong" ? null : history;
  const loading = candles.state === "loading" || (chain.state === "loading" && !history);
  const source = sourceOf(candles, node);
  return useMemo(
    () => <Chart candles={candles.list} rounds={rounds} oracle={oracle} entry={entry} loading={loading} source={source} />,
    [candles.list, rounds, oracle?.classes, oracle?.timeframe, entry, loading, source],
  );
}

function sourceOf(candles, node) {
  if (candles.list?.length) {
    const from = node.status?.candles;
    if (candles.state === "down") return "candles of before: the node does not answer";
    if (!from) return "candles from the node";
    return from.source === "exchange" ? `candles from ${from.exchanges.join(", ")}` : `${from.source} candles`;
  }
  return null;
}

/** The share of right answers expected of a round: the model's calibration, or else the node's word. */
function confidenceOf(state, round, expected) {
  const table = round.margin === null ? null : expected(round.stored?.modelId, round.margin);
  if (table !== null) return table;
  const mine = state.node.status?.oracles.find((oracle) => oracle.name === state.name);
  return mine?.rounds.find((other) => other.id === round.id)?.confidence ?? null;
}

/** Tells screen readers of new rounds and of lost connections, once each. */
function useNews(state, announce) {
  const before = useRef({});
  useEffect(() => {
    const { latest, oracle, rounds, chain, name } = state;
    const round = latest && rounds.get(latest.id);
    const key = `${name} ${latest?.id} ${round?.done ? round.state : ""}`;
    if (latest && oracle && round?.done && before.current.round !== key) {
      before.current.round = key;
      announce(`Round ${latest.id}: ${className(latest.class, oracle.classes)}, ${STATE_WORDS[round.state].toLowerCase()}.`);
    }
    if (before.current.chain === "down" && chain.state === "ok") announce("The chain answers again.");
    before.current.chain = chain.state;
  }, [state]);
}

/** The tab says what the head line says. */
function useTitle(state, now) {
  const how = state.config ? standing(state, now) : "gone";
  const name = state.latest && state.oracle ? className(state.latest.class, state.oracle.classes) : "";
  const word = { fresh: name, stale: `${name} (stale)`, frozen: `${name} (frozen)` }[how];
  useEffect(() => {
    document.title = word ? `${word} · VeriRegime` : "VeriRegime";
  }, [word]);
}

const NoConfig = ({ error, retry }) => (
  <Notice mood="bad" title={<h1>{error}</h1>}>
    <p>The page needs a dashboard.json beside it that names the RPC, the chain and the oracles. The node serves one; for a copy on another server, write it by hand.</p>
    <p class="notice-do">
      <button type="button" onClick={retry}>
        Read it again
      </button>
    </p>
  </Notice>
);

const CLOCKS = { chain: "the latest block's time", browser: "this computer's clock" };

const Foot = ({ state, basis }) => (
  <footer class="foot">
    <p>
      Marked as verified is only what this page has checked itself, with {state.rpc ? <code>{state.rpc}</code> : "an RPC"}: storage, event, transaction,
      statement, proof and signatures. Ages count by {CLOCKS[basis]}. A signal is a model's answer and no advice.
    </p>
  </footer>
);
