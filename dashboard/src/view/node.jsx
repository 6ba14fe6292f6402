// The operator's node, by its own word: health, the round it works on, and the rounds it missed.
import { duration, ether, minute, time } from "../format.js";
import { STAGES } from "../node/status.js";
import { Bone, Fact, Hash, Nothing, Panel } from "./parts.jsx";
import { StateIcon } from "./icons.jsx";

/** Missed rounds listed. */
const MISSED = 5;

export function Node({ state }) {
  const { node } = state;
  const mood = node.state === "ok" ? (node.status.ready ? "good" : "bad") : node.state === "loading" ? "idle" : "bad";
  const words = { ok: node.status?.ready ? "ready" : "not ready", loading: "connecting", down: "no answer" }[node.state];
  const aside = words && (
    <p class={`pill is-${mood}`}>
      <i aria-hidden="true" />
      {words}
    </p>
  );
  return (
    <Panel id="node" title="Node" aside={aside} >
      {node.state === "none" ? (
        <Nothing title="No node beside this page">It is served as a file: everything here is read from the chain alone.</Nothing>
      ) : node.status ? (
        <Health status={node.status} name={state.name} old={node.state === "down"} />
      ) : node.state === "down" ? (
        <Nothing title="The node does not answer">Its health is not known.</Nothing>
      ) : (
        <div class="is-loading">
          <Bone width="100%" />
          <Bone width="80%" />
          <Bone width="60%" />
        </div>
      )}
    </Panel>
  );
}

function Health({ status, name, old }) {
  const mine = status.oracles.find((oracle) => oracle.name === name);
  const rounds = mine?.rounds ?? [];
  const missed = rounds.filter((round) => round.reason !== null).slice(0, MISSED);
  const running = rounds.find((round) => round.reason === null);
  const proved = rounds.find((round) => round.proveMs !== null);
  return (
    <div class="node">
      {old && <p class="old">Its last word, of {time(status.now)} UTC.</p>}
      {running && <Stage round={running} />}
      <ul class="checks">
        {status.checks.map((check) => (
          <li key={check.name} class={check.ok ? "is-verified" : "is-failed"}>
            <StateIcon state={check.ok ? "verified" : "failed"} size={14} />
            <span class="check-name">
              {check.name}
              <span class="vh">{check.ok ? ": good" : ": bad"}</span>
            </span>
            <span class="check-detail">{check.detail}</span>
          </li>
        ))}
      </ul>
      <dl class="facts">
        <Fact name="Candles">
          {status.candles.source === "exchange" ? status.candles.exchanges.join(", ") : `${status.candles.source} candles`}
          {status.candles.lag !== null && `, ${duration(status.candles.lag)} behind`}
        </Fact>
        {proved && <Fact name="Last proof">{Math.round(proved.proveMs)} ms</Fact>}
        <Fact name="Balance">{status.chain.balance === null ? "not known" : `${ether(status.chain.balance)} ether`}</Fact>
        <Fact name="Address">
          <Hash value={status.chain.address} what="node's address" />
        </Fact>
        <Fact name="Running">{`${duration(status.now - status.startedAt)}, version ${status.version}`}</Fact>
      </dl>
      <Missed missed={missed} />
    </div>
  );
}

function Stage({ round }) {
  const reached = STAGES.indexOf(round.stage);
  return (
    <div class="stage">
      <p>
        Round of {minute(round.closeTime)} <b>{round.stage}</b>
      </p>
      <ol aria-label={`Stage ${Math.max(0, reached) + 1} of ${STAGES.length}: ${round.stage}`}>
        {STAGES.map((stage, index) => (
          <li key={stage} class={index < reached || round.stage === "final" ? "is-done" : index === reached ? "is-now" : ""} title={stage} />
        ))}
      </ol>
    </div>
  );
}

function Missed({ missed }) {
  if (missed.length === 0) return <p class="soft">No missed round among the last ones.</p>;
  return (
    <>
      <h3>Missed rounds</h3>
      <ul class="missed">
        {missed.map((round) => (
          <li key={round.closeTime}>
            <span class="num">{minute(round.closeTime)}</span> {round.reason}
          </li>
        ))}
      </ul>
    </>
  );
}
