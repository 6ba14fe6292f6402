// What components share: the store, a ticking clock, the size of an element.
import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { browserNow } from "../clock.js";

/** The controller, for whoever wants to change something. */
export const App = createContext(null);
export const useApp = () => useContext(App);

/** The store's state; the component is drawn again when it changes. */
export function useStore(store) {
  const [state, setState] = useState(store.get());
  useEffect(() => {
    const look = () => setState(store.get());
    look();
    return store.subscribe(look);
  }, [store]);
  return state;
}

/** The time that counts, UNIX seconds, once a second; stands still while the tab is hidden. */
export function useNow(offset) {
  const [now, setNow] = useState(browserNow());
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(browserNow()), 1_000);
    const seen = () => document.hidden || setNow(browserNow());
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, []);
  return now + offset;
}

/** An element's width in pixels, 0 until it is known. */
export function useWidth() {
  const ref = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    setWidth(Math.floor(ref.current.clientWidth));
    const watcher = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watcher.observe(ref.current);
    return () => watcher.disconnect();
  }, []);
  return [ref, width];
}
