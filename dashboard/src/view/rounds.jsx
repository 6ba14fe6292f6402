// The table of rounds, a page at a time; each row opens to show its checks.
import { useState } from "preact/hooks";
import { className } from "../classes.js";
import { count, dateTime, minute, percent, time } from "../format.js";
import { PAGE } from "../ledger.js";
import { Chevron } from "./icons.jsx";
import { Bone, Hash, Nothing, Panel, Signal, StateBadge, StepDots } from "./parts.jsx";
import { Details } from "./details.jsx";
import { useApp } from "./hooks.js";

const COLUMNS = ["Round", "Close (UTC)", "Signal", "Confidence, margin", "Gas", "Submitter", "Transaction", "Checked here"];

export function Rounds({ state, confidence }) {
  const [open, setOpen] = useState(null);
  const { oracle, ids, rounds, chain } = state;
  const gone = chain.state === "wrong" || (!oracle && chain.state === "down");
  return (
    <Panel id="rounds" title="Rounds" aside={oracle && ids?.length > 0 && <Pager state={state} />}>
      {gone ? (
        <Nothing title="Rounds are not known">They are read from the chain, which does not answer as it should.</Nothing>
      ) : oracle && oracle.latest === 0 ? (
        <Nothing title="No round yet">Accepted rounds are listed here, newest first, each with its checks.</Nothing>
      ) : (
        <table class="rounds" role="table">
          <caption class="vh">Accepted rounds, newest first</caption>
          <thead role="rowgroup">
            <tr role="row">
              {COLUMNS.map((name) => (
                <th key={name} scope="col" role="columnheader">
                  {name === "Signal" && oracle?.classes === 2 ? "Regime" : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {ids
              ? ids.map((id) => (
                  <Row
                    key={id}
                    id={id}
                    round={rounds.get(id)}
                    oracle={oracle}
                    head={state.block?.number}
                    confidence={confidence}
                    open={open === id}
                    toggle={() => setOpen(open === id ? null : id)}
                  />
                ))
              : Array.from({ length: PAGE }, (_, i) => <Skeleton key={i} />)}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

const Cell = ({ name, children, class: extra = "" }) => (
  <td role="cell" class={`cell-${name} ${extra}`}>
    {children}
  </td>
);

function Row({ id, round, oracle, head, confidence, open, toggle }) {
  if (!round?.stored) return <Unread id={id} round={round} open={open} toggle={toggle} oracle={oracle} head={head} />;
  const { stored, event, gas, margin, state, steps } = round;
  const share = confidence(round);
  return (
    <>
      <tr role="row" class={`round is-${state}${open ? " is-open" : ""}`}>
        <Cell name="id" class="num">
          {count(id)}
        </Cell>
        <Cell name="close" class="num">
          <time dateTime={new Date(stored.closeTime * 1000).toISOString()} title={`${dateTime(stored.closeTime)} UTC`}>
            <span class="narrow">#{count(id)} · </span>
            <span class="date">{dateTime(stored.closeTime).slice(5, 10)} </span>
            {stored.closeTime % 60 === 0 ? minute(stored.closeTime) : time(stored.closeTime)}
          </time>
        </Cell>
        <Cell name="signal">
          <Signal name={className(stored.class, oracle.classes)} />
        </Cell>
        <Cell name="confidence" class="num">
          {share === null ? <span class="soft">–</span> : percent(share)}
          {margin !== null && <span class="soft margin"> {count(margin)}</span>}
        </Cell>
        <Cell name="gas" class="num">
          {gas === null ? <span class="soft">–</span> : count(gas)}
        </Cell>
        <Cell name="submitter">{event ? <Hash value={event.submitter} what="submitter" /> : <span class="soft">–</span>}</Cell>
        <Cell name="tx">{event ? <Hash value={event.tx} what="transaction" /> : <span class="soft">–</span>}</Cell>
        <Cell name="state">
          <Toggle id={id} state={state} steps={steps} open={open} toggle={toggle} />
        </Cell>
      </tr>
      {open && <Opened id={id} round={round} oracle={oracle} head={head} />}
    </>
  );
}

function Unread({ id, round, oracle, open, toggle, head }) {
  return (
    <>
      <tr role="row" class="round">
        <Cell name="id" class="num">
          {count(id)}
        </Cell>
        {COLUMNS.slice(1, -1).map((name) => (
          <Cell key={name} name="wait">
            {round?.done ? <span class="soft">–</span> : <Bone width="100%" />}
          </Cell>
        ))}
        <Cell name="state">
          {round ? <Toggle id={id} state={round.state} steps={round.steps} open={open} toggle={toggle} /> : <Bone width="100%" />}
        </Cell>
      </tr>
      {open && round && <Opened id={id} round={round} oracle={oracle} head={head} />}
    </>
  );
}

const Toggle = ({ id, state, steps, open, toggle }) => (
  <button type="button" class="toggle" aria-expanded={open} aria-controls={open ? `round-${id}` : undefined} onClick={toggle}>
    <StepDots steps={steps} />
    <StateBadge state={state} />
    <span class="vh"> Checks of round {id}</span>
    <Chevron />
  </button>
);

const Opened = ({ id, round, oracle, head }) => (
  <tr role="row" class="opened" id={`round-${id}`}>
    <td role="cell" colSpan={COLUMNS.length}>
      <Details round={round} oracle={oracle} head={head} />
    </td>
  </tr>
);

const Skeleton = () => (
  <tr role="row" class="round" aria-hidden="true">
    {COLUMNS.map((name, index) => (
      <Cell key={name} name={["id", "close", "signal", "confidence", "gas", "submitter", "tx", "state"][index]}>
        <Bone width="100%" />
      </Cell>
    ))}
  </tr>
);

function Pager({ state }) {
  const { controller } = useApp();
  const { ids, oracle } = state;
  const [top, last] = [ids[0], ids.at(-1)];
  const { latest } = oracle;
  return (
    <nav class="pager" aria-label="Pages of rounds">
      <span class="num">
        {count(last)}–{count(top)} of {count(latest)}
      </span>
      <button type="button" disabled={top === latest} onClick={() => controller.turn(null)}>
        Latest
      </button>
      <button type="button" disabled={top === latest} onClick={() => controller.turn(top + PAGE)}>
        Newer
      </button>
      <button type="button" disabled={last === 1} onClick={() => controller.turn(last - 1)}>
        Older
      </button>
    </nav>
  );
}
