// One round, opened: every check with what it found, the logits, and where it stands on the chain.
import { classNames } from "../classes.js";
import { count, dateTime, ether, plural, priceE8, time } from "../format.js";
import { StateIcon } from "./icons.jsx";
import { Fact, Hash, STATE_WORDS, Signal, kindOf } from "./parts.jsx";

export function Details({ round, oracle, head }) {
  const { steps, stored, event, logits, margin, gas, fee, batch, signers } = round;
  return (
    <div class="details">
      <section aria-label={`Checks of round ${round.id}`}>
        <h3>Checked by this page, against the chain</h3>
        <ol class="steps">
          {steps.map((step) => (
            <li key={step.key} class={`is-${step.state}`} data-step={step.key}>
              <StateIcon state={step.state} size={15} />
              <div>
                <p class="step-name">
                  {step.name} <span class="step-state">{STATE_WORDS[step.state].toLowerCase()}</span>
                </p>
                <p class="step-detail">{step.detail || "Asking the chain."}</p>
              </div>
            </li>
          ))}
        </ol>
      </section>
      <section aria-label={`Facts of round ${round.id}`}>
        {logits && (
          <>
            <h3>Logits</h3>
            <Logits logits={logits} classes={oracle.classes} />
            <p class="soft">Margin to the next class: {count(margin)}.</p>
          </>
        )}
        <dl class="facts">
          {stored && <Fact name="Close">{`${dateTime(stored.closeTime)} UTC, ${priceE8(stored.lastCloseE8)}`}</Fact>}
          {stored && <Fact name="Accepted">{`${time(stored.acceptedAt)} UTC, ${plural(stored.acceptedAt - stored.closeTime, "second")} later`}</Fact>}
          {event && head && <Fact name="Block">{`${count(event.block)}, ${plural(Math.max(1, head - event.block + 1), "confirmation")}`}</Fact>}
          {gas !== null && (
            <Fact name="Cost">{`${count(gas)} gas, ${ether(fee, 6)} ether${batch > 1 ? `, one of ${batch} in a batch` : ""}`}</Fact>
          )}
          {stored && <Fact name="Model">{stored.modelId}</Fact>}
          {event && (
            <Fact name="Inputs">
              <Hash value={event.inputsDigest} ends={8} what="inputs digest" />
            </Fact>
          )}
          {signers && (
            <Fact name="Signed by">
              {signers.map((signer) => (
                <Hash key={signer} value={signer} what="attestor" />
              ))}
            </Fact>
          )}
        </dl>
      </section>
    </div>
  );
}

/** Bars by how far each logit lies above the lowest. */
function Logits({ logits, classes }) {
  const values = logits.map(Number);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const share = (value) => (high > low ? 8 + (92 * (value - low)) / (high - low) : 100);
  return (
    <ul class="logits">
      {classNames(classes).map((name, index) => (
        <li key={name} class={`is-${kindOf(name)}${values[index] === high ? " is-best" : ""}`}>
          <Signal name={name} />
          <span class="bar" aria-hidden="true">
            <i style={{ width: `${share(values[index])}%` }} />
          </span>
          <span class="num">{count(logits[index])}</span>
        </li>
      ))}
    </ul>
  );
}
