// The head line: the latest signal, whether it may be used, and when the next one is due.
import { MEANING, className, classNames } from "../classes.js";
import { nextClose } from "../clock.js";
import { count, countdown, dateTime, duration, percent, plural, priceE8, span } from "../format.js";
import { SignalIcon, StateIcon } from "./icons.jsx";
import { Bone, STATE_WORDS, StepDots, kindOf } from "./parts.jsx";

/** Whether the latest signal may be used: loading, gone, empty, frozen, stale or fresh. */
export function standing({ oracle, latest, modelActive, chain }, now) {
  if (chain.state === "wrong") return "gone";
  if (!oracle || latest === undefined) return chain.state === "down" ? "gone" : "loading";
  if (latest === null) return "empty";
  if (modelActive === false) return "frozen";
  return now - latest.closeTime > oracle.maxAge ? "stale" : "fresh";
}

export function Hero({ state, now, confidence }) {
  const { oracle, latest } = state;
  const entry = state.config.oracles.find((other) => other.name === state.name);
  const how = standing(state, now);
  const name = latest && oracle ? className(latest.class, oracle.classes) : null;
  return (
    <section class={`hero is-${how} ${name ? `is-${kindOf(name)}` : ""}`} aria-labelledby="signal">
      <div class="hero-signal">
        <p class="eyebrow">
          {entry.symbol} · {span(entry.timeframe)} candles
          {(how === "stale" || how === "frozen") && <strong class="flag">{how === "stale" ? "Stale" : "Model frozen"}</strong>}
        </p>
        <h1 id="signal" class="signal">
          <Word how={how} name={name} />
        </h1>
        <p class="hero-line">
          <Line how={how} name={name} state={state} now={now} />
        </p>
      </div>
      <dl class="metrics">
        <Age how={how} state={state} now={now} />
        <Confidence how={how} state={state} confidence={confidence} />
        <Next state={state} now={now} entry={entry} />
        <ProofState how={how} state={state} />
      </dl>
    </section>
  );
}

function Word({ how, name }) {
  if (how === "loading") return <Bone width="5ch" />;
  if (how === "gone") return "No reading";
  if (how === "empty") return "No round yet";
  return (
    <>
      <SignalIcon name={name} size={38} />
      {name}
    </>
  );
}

function Line({ how, name, state, now }) {
  const { latest, oracle } = state;
  if (how === "loading") return <Bone width="34ch" />;
  if (how === "gone") return "The chain is not read, so nothing is known of the latest signal.";
  if (how === "empty") return "The oracle is deployed and has accepted nothing so far. The first round appears here by itself.";
  const what = `Round ${count(latest.id)}, candle closed ${dateTime(latest.closeTime)} UTC at ${priceE8(latest.lastCloseE8)}`;
  if (how === "stale") {
    return `${what}. That is ${duration(now - latest.closeTime - oracle.maxAge)} more than the oracle's limit of ${span(oracle.maxAge)}: not to be acted on.`;
  }
  if (how === "frozen") return `${what}. The guardian has stopped its model: contracts refuse this signal.`;
  return `${what}: ${MEANING[name] ?? "the model's answer"}.`;
}

const Metric = ({ name, value, sub, children, mood = "" }) => (
  <div class={`metric ${mood}`}>
    <dt>{name}</dt>
    <dd class="metric-value">{value}</dd>
    {children}
    <dd class="metric-sub">{sub}</dd>
  </div>
);

const none = (how) => (how === "gone" ? "not read" : "no round");

/** A thin bar; `mark` is a second place on it. */
const Meter = ({ share, mark }) => (
  <dd class="meter" aria-hidden="true">
    <i style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
    {mark !== undefined && <b style={{ left: `${mark * 100}%` }} />}
  </dd>
);

function Age({ how, state, now }) {
  if (how === "loading") return <Metric name="Age" value={<Bone width="4ch" />} sub={<Bone width="10ch" />} />;
  if (!state.latest || !state.oracle || how === "gone") return <Metric name="Age" value="–" sub={none(how)} />;
  const age = Math.max(0, now - state.latest.closeTime);
  return (
    <Metric name="Age" value={duration(age)} sub={`limit ${span(state.oracle.maxAge)}`} mood={how === "stale" ? "is-bad" : ""}>
      <Meter share={age / state.oracle.maxAge} />
    </Metric>
  );
}

function Confidence({ how, state, confidence }) {
  if (how === "loading") return <Metric name="Confidence" value={<Bone width="4ch" />} sub={<Bone width="10ch" />} />;
  const round = state.latest && state.rounds.get(state.latest.id);
  if (!round || how === "gone") return <Metric name="Confidence" value="–" sub={none(how)} />;
  const share = confidence(round);
  const margin = round.margin === null ? "margin not read" : `margin ${count(round.margin)}`;
  const chance = 1 / classNames(state.oracle.classes).length;
  if (share === null) return <Metric name="Confidence" value="–" sub={round.done ? margin : "reading the logits"} />;
  return (
    <Metric name="Confidence" value={percent(share)} sub={`by chance ${percent(chance)}`}>
      <Meter share={share} mark={chance} />
    </Metric>
  );
}

function Next({ state, now, entry }) {
  const timeframe = state.oracle?.timeframe ?? entry.timeframe;
  const close = nextClose(now, timeframe);
  return (
    <Metric name="Next close" value={countdown(close - now)} sub={`${dateTime(close).slice(11)} UTC`}>
      <Meter share={1 - (close - now) / timeframe} />
    </Metric>
  );
}

function ProofState({ how, state }) {
  if (how === "loading") return <Metric name="Proof" value={<Bone width="5ch" />} sub={<Bone width="10ch" />} />;
  const round = state.latest && state.rounds.get(state.latest.id);
  if (!round || how === "gone") return <Metric name="Proof" value="–" sub={none(how)} />;
  const good = round.steps.filter((step) => step.state === "verified").length;
  return (
    <Metric
      name="Proof"
      mood={`is-${round.state}`}
      value={
        <>
          <StateIcon state={round.state} size={20} /> {STATE_WORDS[round.state]}
        </>
      }
      sub={`${good} of ${plural(round.steps.length, "check")}`}
    >
      <dd class="meter-dots">
        <StepDots steps={round.steps} />
      </dd>
    </Metric>
  );
}
