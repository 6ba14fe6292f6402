// The price chart: candles, the signals on them, and one lane per class below.
import { useMemo, useState } from "preact/hooks";
import { scene } from "../chart/scene.js";
import { className, classNames } from "../classes.js";
import { count, minute, plural, price, span } from "../format.js";
import { CHART_SPAN } from "../session.js";
import { Picture } from "./chart-picture.jsx";
import { Nothing, Panel, Signal } from "./parts.jsx";
import { useWidth } from "./hooks.js";

const HEIGHT = { wide: 360, narrow: 300 };

export function Chart({ candles, rounds, oracle, entry, loading, source }) {
  const [ref, width] = useWidth();
  const [at, setAt] = useState(null);
  const classes = oracle?.classes ?? 3;
  const height = width < 560 ? HEIGHT.narrow : HEIGHT.wide;
  const timeframe = oracle?.timeframe ?? entry.timeframe;
  const drawn = useMemo(
    () => (width ? scene({ candles, rounds: rounds ?? [], classes, timeframe, width, height, span: CHART_SPAN }) : null),
    [candles, rounds, classes, timeframe, width, height],
  );
  const shown = drawn ? Math.min(at ?? drawn.buckets.length - 1, drawn.buckets.length - 1) : 0;
  const marks = drawn?.marks ?? [];
  return (
    <Panel id="chart" title={`${entry.symbol}, last ${span(CHART_SPAN)}`} aside={drawn?.lined ? "closes as the oracle accepted them" : source} class="chart-panel">
      <div class="readout">{drawn && <Readout drawn={drawn} index={shown} classes={classes} />}</div>
      <div
        class="chart"
        ref={ref}
        style={{ height: `${height}px` }}
        onPointerMove={(event) => drawn && setAt(drawn.at(event.clientX - event.currentTarget.getBoundingClientRect().left))}
        onPointerLeave={() => setAt(null)}
      >
        {drawn ? (
          <Picture drawn={drawn} at={at} classes={classes} summary={summary(drawn, entry, classes)} />
        ) : (
          width > 0 && !loading && <Nothing title="No prices yet">They appear with the first candles.</Nothing>
        )}
        {drawn && (
          <input
            type="range"
            class="scrub"
            min="0"
            max={drawn.buckets.length - 1}
            value={shown}
            aria-label="Candle"
            aria-valuetext={words(drawn, shown, classes)}
            onInput={(event) => setAt(Number(event.currentTarget.value))}
            onBlur={() => setAt(null)}
          />
        )}
      </div>
      <ul class="legend">
        {classNames(classes).map((name, index) => (
          <li key={name}>
            <Signal name={name} />
            <span class="num">{rounds ? count(marks.filter((mark) => mark.class === index).length) : ""}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const markAt = (drawn, index) => {
  const { time, step } = drawn.buckets[index];
  return drawn.marks.findLast((mark) => mark.closeTime > time && mark.closeTime <= time + step) ?? null;
};

function Readout({ drawn, index, classes }) {
  const bucket = drawn.buckets[index];
  const mark = markAt(drawn, index);
  return (
    <p aria-hidden="true">
      <span class="num">{minute(bucket.until)}</span>
      {drawn.lined ? (
        <span>
          Close <b class="num">{price(bucket.close)}</b>
        </span>
      ) : (
        ["open", "high", "low", "close"].map((key) => (
          <span key={key} class={`ohlc ohlc-${key}`}>
            {key[0].toUpperCase()}
            <span class="rest">{key.slice(1)}</span> <b class="num">{price(bucket[key])}</b>
          </span>
        ))
      )}
      {mark && <Signal name={className(mark.class, classes)} />}
    </p>
  );
}

function words(drawn, index, classes) {
  const bucket = drawn.buckets[index];
  const mark = markAt(drawn, index);
  return `${minute(bucket.until)} UTC, close ${price(bucket.close)}${mark ? `, ${className(mark.class, classes)} in round ${mark.id}` : ""}`;
}

function summary(drawn, entry, classes) {
  const closes = drawn.buckets.map((bucket) => bucket.close);
  const counts = classNames(classes).map((name, index) => plural(drawn.marks.filter((mark) => mark.class === index).length, name));
  return (
    `Price of ${entry.symbol} from ${minute(drawn.buckets[0].time)} to ${minute(drawn.buckets.at(-1).until)} UTC: ` +
    `from ${price(closes[0])} to ${price(closes.at(-1))}, lowest ${price(Math.min(...closes))}, highest ${price(Math.max(...closes))}. ` +
    `Signals: ${counts.join(", ").replace(/s\b/g, "")}.`
  );
}
