// Which RPC this browser reads the chain from.
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "./hooks.js";

export function Settings({ state, open, onClose }) {
  const { controller, announce } = useApp();
  const ref = useRef(null);
  const [url, setUrl] = useState("");
  const [problem, setProblem] = useState(null);
  const [trying, setTrying] = useState(false);
  useEffect(() => {
    if (!open) return;
    setUrl(state.rpc ?? "");
    setProblem(null);
    ref.current.showModal();
  }, [open]);

  const use = (chosen) => {
    controller.useRpc(chosen);
    announce("The chain is read from the new RPC.");
    ref.current.close();
  };
  const save = async (event) => {
    event.preventDefault();
    setTrying(true);
    const found = await controller.tryRpc(url.trim());
    setTrying(false);
    setProblem(found);
    if (found === null) use(url.trim() === state.config.rpc ? null : url.trim());
  };
  if (!state.config) return null;
  return (
    <dialog ref={ref} class="settings" aria-labelledby="settings-title" onClose={onClose}>
      <form onSubmit={save} noValidate>
        <h2 id="settings-title">Settings</h2>
        <label for="rpc">RPC of chain {state.config.chainId}</label>
        <input
          id="rpc"
          type="url"
          inputMode="url"
          spellcheck={false}
          autocomplete="off"
          value={url}
          onInput={(event) => setUrl(event.currentTarget.value)}
          aria-describedby="rpc-help rpc-problem"
          aria-invalid={problem !== null}
        />
        <p id="rpc-help" class="soft">
          Everything marked as verified rests on this RPC alone. It is kept in this browser and sent nowhere else; it must let pages of other
          sites ask (CORS).
        </p>
        <p id="rpc-problem" class="problem" role="alert">
          {problem}
        </p>
        <div class="buttons">
          <button type="button" class="quiet" disabled={state.rpc === state.config.rpc || state.config.rpc === null} onClick={() => use(null)}>
            Use the default
          </button>
          <button type="button" onClick={() => ref.current.close()}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={trying}>
            {trying ? "Trying" : "Try and save"}
          </button>
        </div>
      </form>
    </dialog>
  );
}
