// What is wrong right now, in a sentence, with what can be done about it.
import { Warning } from "./icons.jsx";
import { useApp } from "./hooks.js";
import { duration } from "../format.js";

export function Notices({ state, now, offset, onSettings }) {
  const { controller } = useApp();
  const { chain, node, rpc, config } = state;
  const again = (at) => (at ? ` Asked again in ${duration(Math.max(1, at / 1000 - (now - offset)))}.` : "");
  return (
    <div class="notices">
      {chain.state === "down" && (
        <Notice mood="bad" title={`The chain cannot be read: ${chain.error}.`}>
          <p>
            <code>{rpc}</code>
            {again(chain.retryAt)} {state.oracle && "What is shown is what was read before."}
          </p>
          <p class="notice-do">
            <button type="button" onClick={() => controller.retry()}>
              Ask now
            </button>
            <button type="button" onClick={onSettings}>
              Another RPC
            </button>
          </p>
        </Notice>
      )}
      {chain.state === "wrong" && (
        <Notice mood="bad" title={WRONG[chain.kind]}>
          <p>{chain.error}{chain.kind !== "none" && " Nothing is shown of it."}</p>
          <p class="notice-do">
            <button type="button" onClick={onSettings}>
              {chain.kind === "none" ? "Choose one" : "Another RPC"}
            </button>
          </p>
        </Notice>
      )}
      {node.state === "down" && (
        <Notice mood="warn" title="The node cannot be reached.">
          <p>
            {sentence(node.error)}
            {again(node.retryAt)} {chain.state === "ok" && "Rounds and treasury are read from the chain without it."}
          </p>
        </Notice>
      )}
      {node.status && node.status.chain.chainId !== config.chainId && (
        <Notice mood="bad" title="The node is on another chain.">
          <p>
            It says chain {node.status.chain.chainId}, dashboard.json says chain {config.chainId}.
          </p>
        </Notice>
      )}
    </div>
  );
}

const WRONG = {
  none: "No RPC is named.",
  chain: "This RPC is on another chain.",
  oracle: "There is no oracle here.",
  gateway: "This is another deployment.",
};

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

export const Notice = ({ mood, title, children }) => (
  <div class={`notice is-${mood}`} role={mood === "bad" ? "alert" : "status"}>
    <Warning />
    <div>
      <div class="notice-title">{title}</div>
      {children}
    </div>
  </div>
);
