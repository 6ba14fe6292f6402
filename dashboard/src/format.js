// Numbers and moments as a reader sees them. Times are UTC.

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

/** 1234567 -> "1,234,567" */
export const count = (number) => whole.format(number);

/** "1 round", "2 rounds" */
export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** An integer with `decimals` decimals, of which `shown` are kept (rounded down, like the contracts do). */
export function decimal(value, decimals, shown = 2) {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, "0");
  const integer = whole.format(BigInt(digits.slice(0, digits.length - decimals) || "0"));
  const fraction = digits.slice(digits.length - decimals).slice(0, shown).padEnd(shown, "0");
  return `${negative ? "-" : ""}${integer}${shown > 0 ? `.${fraction}` : ""}`;
}

/** A price with eight decimals, in as many as it deserves. */
export function priceE8(value) {
  const size = value < 0n ? -value : value;
  return decimal(value, 8, size >= 100_00000000n ? 2 : size >= 1_00000000n ? 4 : 8);
}

/** A price as a number, in as many decimals as it deserves. */
export function price(value) {
  const digits = value >= 100 ? 2 : value >= 1 ? 4 : 8;
  return value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Basis points: 4003n -> "40.03 %" */
export const bps = (value) => `${decimal(BigInt(value), 2, 2)} %`;

/** A share of one: 0.413 -> "41 %" */
export const percent = (share) => `${Math.round(share * 100)} %`;

const two = (number) => `${number}`.padStart(2, "0");

/** "03:48:00" */
export function time(seconds) {
  const date = new Date(seconds * 1000);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** "03:48" */
export const minute = (seconds) => time(seconds).slice(0, 5);

/** "2024-07-30 03:48:00" */
export const dateTime = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 10)} ${time(seconds)}`;

/** A span in its two largest units: "12 s", "3 min 05 s", "2 h 10 min", "4 d 3 h" */
export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3_600)} h ${two(Math.floor((s % 3_600) / 60))} min`;
  return `${count(Math.floor(s / 86_400))} d ${Math.floor((s % 86_400) / 3_600)} h`;
}

/** A fixed span: like a duration, without a second unit of nothing. "10 min", "4 h", "1 h 30 min" */
export const span = (seconds) => duration(seconds).replace(/ 0+ (s|min|h)$/, "");

/** A countdown: "0:48", "12:03", "1:02:03" */
export function countdown(seconds) {
  const s = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(s / 3_600);
  const minutes = Math.floor((s % 3_600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** The ends of a long hexadecimal number: "0x4450…5d88" */
export const hexCut = (hex, ends = 4) => (hex.length > 2 * ends + 3 ? `${hex.slice(0, 2 + ends)}…${hex.slice(-ends)}` : hex);

/** Wei as ether. */
export const ether = (wei, shown = 4) => decimal(BigInt(wei), 18, shown);
