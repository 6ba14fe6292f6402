// /candles: closed candles, ascending, prices as decimal texts.
import { askNode, isNumber, want } from "./shape.js";

/** Reads and checks candles; times become UNIX seconds. */
export async function readCandles(url, limit, fetcher) {
  const place = new URL(url);
  place.searchParams.set("limit", `${limit}`);
  return checkCandles(await askNode(place, fetcher));
}

/** A checked copy: ascending `{ time, open, high, low, close }`. */
export function checkCandles(answer) {
  let before = -Infinity;
  return want(Array.isArray(answer), answer, "list of candles").map((row) => {
    want(Array.isArray(row) && row.length >= 5 && isNumber(row[0]), row, "candle");
    const [open, high, low, close] = row.slice(1, 5).map((text) => {
      const number = Number(text);
      return want(text !== "" && Number.isFinite(number) && number > 0, number, "price");
    });
    want(high >= low, high, "candle (high below low)");
    want(row[0] > before, row[0], "order of candles");
    before = row[0];
    return { time: row[0] / 1000, open, high, low, close };
  });
}
