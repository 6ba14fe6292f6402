// The chart as SVG: few elements, one path for all candles of a kind and for all marks of a lane.
import { className } from "../classes.js";
import { minute } from "../format.js";
import { kindOf } from "./parts.jsx";

/** @param drawn a scene, @param at the bucket under the cross or null, @param summary what the picture says in words */
export function Picture({ drawn, at, classes, summary }) {
  const { width, height, plot } = drawn;
  const body = Math.max(1, Math.min(11, drawn.pixels * 0.66));
  const rising = (bucket) => bucket.close >= bucket.open;
  const wicks = (wanted) =>
    drawn.buckets.filter((b) => rising(b) === wanted).map((b) => `M${b.x.toFixed(1)} ${b.yHigh.toFixed(1)}V${b.yLow.toFixed(1)}`).join("");
  const bodies = (wanted) =>
    drawn.buckets
      .filter((b) => rising(b) === wanted)
      .map((b) => {
        const top = Math.min(b.yOpen, b.yClose);
        const tall = Math.max(1, Math.abs(b.yOpen - b.yClose));
        return `M${(b.x - body / 2).toFixed(1)} ${top.toFixed(1)}h${body.toFixed(1)}v${tall.toFixed(1)}h${(-body).toFixed(1)}z`;
      })
      .join("");
  const bottom = drawn.lanes.at(-1).y + 8;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
      <g class="grid">
        {drawn.prices.map(({ price: value, y }) => (
          <g key={value}>
            <path d={`M${plot.left} ${y.toFixed(1)}H${plot.right}`} />
            {Math.abs(y - drawn.last.y) > 15 && (
              <text x={plot.right + 8} y={y + 4}>
                {axisPrice(value)}
              </text>
            )}
          </g>
        ))}
        {drawn.times.map(({ time, x }) => (
          <g key={time}>
            <path d={`M${x.toFixed(1)} ${plot.top}V${bottom}`} class="faint" />
            {x > plot.left + 16 && x < plot.right - 12 && (
              <text x={x} y={height - 4} text-anchor="middle">
                {minute(time)}
              </text>
            )}
          </g>
        ))}
      </g>
      {drawn.lanes.map((lane) => (
        <g key={lane.class} class={`lane is-${kindOf(className(lane.class, classes))}`}>
          <path d={`M${plot.left} ${lane.y}H${plot.right}`} class="lane-line" />
          <path d={laneMarks(drawn, lane)} class="lane-marks" />
          <text x={plot.right + 8} y={lane.y + 4}>
            {className(lane.class, classes)}
          </text>
        </g>
      ))}
      {drawn.lined ? (
        <path class="price-line" d={`M${drawn.buckets.map((b) => `${b.x.toFixed(1)} ${b.yClose.toFixed(1)}`).join("L")}`} />
      ) : (
        [true, false].map((wanted) => (
          <g key={wanted} class={wanted ? "candles is-rising" : "candles is-falling"}>
            <path class="wicks" d={wicks(wanted)} />
            <path class="bodies" d={bodies(wanted)} />
          </g>
        ))
      )}
      <g class="marks">
        {drawn.marks
          .filter((mark) => mark.onPrice)
          .map((mark) => {
            const name = className(mark.class, classes);
            return <path key={mark.id} class={`is-${kindOf(name)}`} d={shape(name, mark)} />;
          })}
      </g>
      <g class="last">
        <path d={`M${plot.left} ${drawn.last.y.toFixed(1)}H${plot.right}`} />
        <rect x={plot.right + 2} y={drawn.last.y - 9} width={64} height={18} rx={4} />
        <text x={plot.right + 8} y={drawn.last.y + 4}>
          {axisPrice(drawn.last.price)}
        </text>
      </g>
      {at !== null && <path class="cross" d={`M${drawn.buckets[Math.min(at, drawn.buckets.length - 1)].x.toFixed(1)} ${plot.top}V${bottom}`} />}
    </svg>
  );
}

const axisPrice = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: value >= 10_000 ? 0 : value >= 100 ? 2 : 4 });

function laneMarks(drawn, lane) {
  const { tick } = drawn;
  return drawn.marks
    .filter((mark) => mark.class === lane.class)
    .map((mark) => `M${(mark.x - tick / 2).toFixed(1)} ${lane.y - 4}h${tick.toFixed(1)}v8h${(-tick).toFixed(1)}z`)
    .join("");
}

/** A triangle up below the candle for BUY and HIGH, one down above it for SELL and LOW, a dot for HOLD. */
function shape(name, { x, y, yHigh, yLow }) {
  const at = x.toFixed(1);
  if (name === "BUY" || name === "HIGH") return `M${at} ${(yLow + 5).toFixed(1)}l4.5 8h-9z`;
  if (name === "SELL" || name === "LOW") return `M${at} ${(yHigh - 5).toFixed(1)}l4.5 -8h-9z`;
  return `M${(x - 3).toFixed(1)} ${y.toFixed(1)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z`;
}
