// Small pieces that several panels use.
import { Component } from "preact";
import { useState } from "preact/hooks";
import { hexCut } from "../format.js";
import { Copy, SignalIcon, StateIcon } from "./icons.jsx";
import { useApp } from "./hooks.js";

/** The lower-case word by which a signal is coloured. */
export const kindOf = (name) => (["SELL", "HOLD", "BUY", "LOW", "HIGH"].includes(name) ? name.toLowerCase() : "hold");

/** A signal's shape and name. */
export const Signal = ({ name }) => (
  <span class={`signal-name is-${kindOf(name)}`}>
    <SignalIcon name={name} size={13} />
    {name}
  </span>
);

/** The words for a round's state. */
export const STATE_WORDS = { verified: "Verified", failed: "Failed", unknown: "Unknown", pending: "Checking" };

/** One square per step. */
export const StepDots = ({ steps }) => (
  <span class="dots" aria-hidden="true">
    {steps.map((step) => (
      <i key={step.key} class={`dot is-${step.state}`} />
    ))}
  </span>
);

/** A state with its mark. */
export const StateBadge = ({ state }) => (
  <span class={`state is-${state}`}>
    <StateIcon state={state} size={14} />
    {STATE_WORDS[state]}
  </span>
);

/** A long hexadecimal number, cut; a press copies all of it. */
export function Hash({ value, ends, what }) {
  const [copied, setCopied] = useState(false);
  const { announce } = useApp();
  const copy = async (event) => {
    event.stopPropagation();
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      announce(`Copied ${what}.`);
      setTimeout(() => setCopied(false), 1_500);
    } catch {
      announce(`This browser does not let the page copy. The ${what} is ${value}.`);
    }
  };
  return (
    <button type="button" class={`hash${copied ? " is-copied" : ""}`} title={value} onClick={copy}>
      <span class="vh">Copy {what} </span>
      <span class="mono">{hexCut(value, ends)}</span>
      {copied ? <StateIcon state="verified" size={13} /> : <Copy />}
    </button>
  );
}

/** A panel with a heading; `aside` stands at the heading's right. */
export const Panel = ({ id, title, aside, children, class: extra = "" }) => (
  <section class={`panel ${extra}`} aria-labelledby={`${id}-title`}>
    <header class="panel-head">
      <h2 id={`${id}-title`} tabIndex={-1}>
        {title}
      </h2>
      {aside && <div class="panel-aside">{aside}</div>}
    </header>
    {children}
  </section>
);

/** After a fault a panel is tried again with the first change after so long, ms. */
const AGAIN = 10_000;

/** Keeps a fault of one panel from taking the page down. */
export class Boundary extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ failed: Date.now() });
  }

  componentWillReceiveProps() {
    if (this.state.failed && Date.now() - this.state.failed > AGAIN) this.setState({ failed: null });
  }

  render({ name, children }, { failed }) {
    if (!failed) return children;
    return (
      <section class="panel">
        <Nothing title={`The ${name} cannot be shown`}>This page has a fault there; what it failed on is in the browser's console.</Nothing>
      </section>
    );
  }
}

/** A grey bar in the place of something that is not there yet. */
export const Bone = ({ width }) => <span class="bone" style={{ width }} aria-hidden="true" />;

/** Something that is not there, in words. */
export const Nothing = ({ title, children }) => (
  <div class="nothing">
    <p class="nothing-title">{title}</p>
    {children && <p>{children}</p>}
  </div>
);

/** A name and a value, as a row of a `dl`. */
export const Fact = ({ name, children }) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
