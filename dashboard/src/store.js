// The page's whole state, in one object that is replaced and never altered.

/** Holds a state; `update` takes the parts that change, or a function from the old state to them. */
export function createStore(initial) {
  let state = initial;
  const listeners = new Set();
  return {
    get: () => state,
    update(change) {
      const parts = typeof change === "function" ? change(state) : change;
      state = { ...state, ...parts };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
