// The bar above everything: whose page this is, which oracle, which chain.
import { count, duration } from "../format.js";
import { Gear, Mark } from "./icons.jsx";
import { useApp } from "./hooks.js";

/** More oracles than this become a list to choose from. */
const SIDE_BY_SIDE = 3;
const WRONG = { none: "no RPC", chain: "another chain" };
/** A public chain whose latest block is older than this has an RPC that lags, seconds. */
const LATE = 120;

export function Top({ state, now, basis, onSettings }) {
  return (
    <header class="top">
      {state.config && (
        <a class="skip" href="#rounds-title" onClick={skip}>
          Skip to the rounds
        </a>
      )}
      <div class="top-inner">
        <p class="brand">
          <Mark />
          <span>VeriRegime</span>
        </p>
        {state.config?.oracles.length > 1 && <Switch state={state} />}
        <div class="top-right">
          {state.config && <ChainPill state={state} now={now} basis={basis} />}
          <button type="button" class="quiet" onClick={onSettings} disabled={!state.config} aria-haspopup="dialog">
            <Gear />
            <span class="wide">Settings</span>
            <span class="vh narrow">Settings</span>
          </button>
        </div>
      </div>
    </header>
  );
}

/** By hand: the page's fragment names the oracle. */
function skip(event) {
  event.preventDefault();
  document.getElementById("rounds-title")?.focus();
}

function Switch({ state }) {
  const app = useApp();
  const { oracles } = state.config;
  const choose = (event) => app.controller.choose(event.currentTarget.value);
  if (oracles.length > SIDE_BY_SIDE) {
    return (
      <label class="switch">
        <span class="vh">Oracle</span>
        <select value={state.name} onChange={choose}>
          {oracles.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    );
  }
  return (
    <fieldset class="switch">
      <legend class="vh">Oracle</legend>
      {oracles.map(({ name }) => (
        <label key={name} class={name === state.name ? "is-chosen" : ""}>
          <input type="radio" name="oracle" value={name} checked={name === state.name} onChange={choose} />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ChainPill({ state, now, basis }) {
  const { chain, block, config } = state;
  const late = block && basis === "browser" && now - block.timestamp > LATE;
  const mood = chain.state === "ok" ? (late ? "warn" : "good") : chain.state === "loading" ? "idle" : "bad";
  const words =
    chain.state === "down"
      ? "no answer"
      : chain.state === "wrong"
        ? (WRONG[chain.kind] ?? "wrong deployment")
        : !block
          ? "connecting"
          : late
            ? `block ${duration(now - block.timestamp)} old`
            : `block ${count(block.number)}`;
  return (
    <p class={`pill is-${mood}`}>
      <i aria-hidden="true" />
      <span class="wide">Chain {config.chainId}</span>
      <span class="pill-words">{words}</span>
    </p>
  );
}
