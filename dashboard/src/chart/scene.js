// Where everything on the chart lies, in pixels. Pure: the view only draws it.
//
//   candles (or the closes that the oracle accepted) ─> buckets wide enough to see ─> price plot
//   rounds ─> one lane per class below, marks on the prices above

/** Seconds per bucket that a chart may use. */
const STEPS = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * 60);
/** Narrowest candle, pixels. */
const NARROWEST = 5;
/** More marks than this crowd the prices: then only changes of the signal are marked there. */
const CROWD = 48;
/** Shortest span shown, seconds. */
const SHORTEST = 30 * 60;

/** Share of the span that stays empty at the right. */
const AIR = 0.015;

const FRAME = { top: 14, right: 68, bottom: 22, left: 8, lane: 14, gap: 12 };

/**
 * Lays out a chart.
 * @param candles ascending `{ time, open, high, low, close }`, or null
 * @param rounds ascending `{ id, closeTime, class, lastCloseE8 }`
 * @param classes how many classes there are
 * @param span longest span shown, seconds
 */
export function scene({ candles, rounds, classes, timeframe, width, height, span }) {
  // Candles that end before the rounds shown say nothing of them.
  const lined = !candles?.length || candles.at(-1).time < (rounds.at(-1)?.closeTime ?? 0) - span / 2;
  const bars = lined ? closes(rounds, timeframe) : candles;
  if (bars.length < 2) return null;
  const newest = Math.max(bars.at(-1).time + timeframe, rounds.at(-1)?.closeTime ?? 0);
  const start = Math.min(Math.max(newest - span, bars[0].time), newest - SHORTEST);
  // Some air, so that the newest candle does not touch the scale.
  const end = newest + (newest - start) * AIR;
  const plot = {
    left: FRAME.left,
    right: width - FRAME.right,
    top: FRAME.top,
    bottom: height - FRAME.bottom - FRAME.lane * classes - FRAME.gap,
  };
  const wide = plot.right - plot.left;
  const step = STEPS.find((seconds) => seconds >= timeframe && (wide * seconds) / (end - start) >= NARROWEST) ?? timeframe;
  const buckets = bucketed(bars.filter((bar) => bar.time >= start), step, timeframe);
  if (buckets.length < 2) return null;
  const low = Math.min(...buckets.map((bucket) => bucket.low));
  const high = Math.max(...buckets.map((bucket) => bucket.high));
  const margin = Math.max((high - low) * 0.1, high * 1e-5);
  const x = (time) => plot.left + ((time - start) / (end - start)) * wide;
  const y = (price) =>
    plot.bottom - ((price - low + margin) / (high - low + 2 * margin)) * (plot.bottom - plot.top);
  const lanes = Array.from({ length: classes }, (_, i) => ({
    class: classes - 1 - i,
    y: plot.bottom + FRAME.gap + FRAME.lane * (i + 0.5),
  }));
  return {
    width,
    height,
    plot,
    lined,
    pixels: (wide * step) / (end - start),
    buckets: buckets.map((bucket) => ({
      ...bucket,
      x: x(lined ? bucket.until : bucket.time + step / 2),
      yOpen: y(bucket.open),
      yClose: y(bucket.close),
      yHigh: y(bucket.high),
      yLow: y(bucket.low),
    })),
    last: { price: bars.at(-1).close, y: y(bars.at(-1).close) },
    prices: ticks(low - margin, high + margin, Math.max(2, Math.round((plot.bottom - plot.top) / 56))).map((price) => ({
      price,
      y: y(price),
    })),
    times: moments(start, newest, wide).map((time) => ({ time, x: x(time) })),
    lanes,
    marks: marks({ rounds, buckets, step, start, x, y, lanes }),
    tick: Math.max(1.5, Math.min(6, (wide * timeframe) / (end - start) - 1)),
    at: (px) => nearest(buckets, start + ((px - plot.left) / wide) * (end - start), step),
  };
}

/** Candles of one price each from the closes that the oracle accepted. */
function closes(rounds, timeframe) {
  return rounds.map((round) => {
    const close = Number(round.lastCloseE8) / 1e8;
    return { time: round.closeTime - timeframe, open: close, high: close, low: close, close };
  });
}

/** Candles of `timeframe` seconds joined to buckets of `step` seconds on its grid; `until` is the last one's close. */
export function bucketed(bars, step, timeframe) {
  const joined = [];
  for (const bar of bars) {
    const time = Math.floor(bar.time / step) * step;
    const last = joined.at(-1);
    if (last?.time === time) {
      last.high = Math.max(last.high, bar.high);
      last.low = Math.min(last.low, bar.low);
      last.close = bar.close;
      last.until = bar.time + timeframe;
    } else joined.push({ ...bar, time, step, until: bar.time + timeframe });
  }
  return joined;
}

function marks({ rounds, buckets, step, start, x, y, lanes }) {
  const shown = rounds.filter((round) => round.closeTime > start);
  const byTime = new Map(buckets.map((bucket) => [bucket.time, bucket]));
  return shown.map((round, index) => {
    const bucket = byTime.get(Math.floor((round.closeTime - 1) / step) * step);
    const close = Number(round.lastCloseE8) / 1e8;
    const changed = index === 0 || shown[index - 1].class !== round.class;
    return {
      ...round,
      x: x(round.closeTime),
      y: y(close),
      yHigh: y(bucket?.high ?? close),
      yLow: y(bucket?.low ?? close),
      lane: lanes.find((lane) => lane.class === round.class)?.y ?? lanes[0].y,
      onPrice: shown.length <= CROWD || changed,
    };
  });
}

/** Round numbers between two prices, about `count` of them. */
export function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function moments(start, end, wide) {
  const step = [300, 600, 900, 1_800, 3_600, 7_200].find((seconds) => (wide * seconds) / (end - start) >= (wide < 400 ? 44 : 72)) ?? 7_200;
  const first = Math.ceil(start / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((end - first) / step) + 1) }, (_, i) => first + i * step);
}

function nearest(buckets, time, step) {
  let best = 0;
  buckets.forEach((bucket, index) => {
    if (Math.abs(bucket.time + step / 2 - time) < Math.abs(buckets[best].time + step / 2 - time)) best = index;
  });
  return best;
}
