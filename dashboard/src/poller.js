// Asks again and again: at a steady pace while answers come, ever more rarely while they do not, and never while the
// tab is hidden.

/** Longest pause after failures, ms. */
const LONGEST = 60_000;

/**
 * The pause before the next question, ms: `every` after an answer, twice as long after each failure in a row.
 * `chance` in 0..1 spreads failed clients by up to a tenth, so that they do not come back together.
 */
export function pause(every, failures, chance) {
  if (failures === 0) return every;
  return Math.round(Math.min(LONGEST, every * 2 ** failures) * (0.95 + chance / 10));
}

/**
 * Starts asking.
 * @param every pause between questions, ms
 * @param ask asks; a rejection is a failure
 * @param told hears of every failure `(error, retryAt)` and of every answer `(null, null)`
 */
export function startPoller({ every, ask, told }) {
  let failures = 0;
  let timer = null;
  let asking = false;
  let stopped = false;
  let due = 0;

  async function run() {
    clearTimeout(timer);
    if (asking || stopped) return;
    if (document.hidden) {
      due = 0;
      return;
    }
    asking = true;
    let error = null;
    try {
      await ask();
      failures = 0;
    } catch (caught) {
      error = caught;
      failures += 1;
    }
    asking = false;
    if (stopped) return;
    const wait = pause(every, failures, Math.random());
    due = Date.now() + wait;
    told(error, error && due);
    timer = setTimeout(run, wait);
  }

  /** A tab that is seen again asks at once if it is late; one that was just hidden finds so when its turn comes. */
  function seen() {
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, due - Date.now()));
  }

  document.addEventListener("visibilitychange", seen);
  run();
  return {
    /** Asks at once. */
    now: run,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
