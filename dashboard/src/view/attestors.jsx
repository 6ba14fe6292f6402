// Who vouches for the inputs, as the chain lists them, and who of them signed the latest round.
import { StateIcon } from "./icons.jsx";
import { Bone, Hash, Nothing, Panel } from "./parts.jsx";
import { plural } from "../format.js";

export function Attestors({ state }) {
  const { oracle, latest, rounds, chain } = state;
  const signers = (latest && rounds.get(latest.id)?.signers) ?? [];
  const aside = oracle && (
    <span class="soft">
      {oracle.threshold} of {oracle.attestors.length} needed
    </span>
  );
  return (
    <Panel id="attestors" title="Attestors" aside={aside}>
      {oracle ? (
        <ul class="attestors">
          {oracle.attestors.map((attestor) => (
            <li key={attestor} class={signers.includes(attestor) ? "is-verified" : ""}>
              <Hash value={attestor} ends={6} what="attestor" />
              {signers.includes(attestor) && (
                <span class="signed">
                  <StateIcon state="verified" size={13} /> signed the latest
                </span>
              )}
            </li>
          ))}
        </ul>
      ) : chain.state === "loading" ? (
        <div class="is-loading">
          <Bone width="100%" />
          <Bone width="100%" />
          <Bone width="100%" />
        </div>
      ) : (
        <Nothing title="Attestors are not known" />
      )}
      {oracle && (
        <p class="soft">
          Every attestor computes the inputs from its own candles. The oracle refuses a proof without {plural(oracle.threshold, "signature")}.
        </p>
      )}
    </Panel>
  );
}
