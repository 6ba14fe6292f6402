// IRebalanceModule.Guard in words; the numbers are part of the contract's interface.
import { bps, count, dateTime, decimal, duration, span, time } from "../format.js";

/** Names in the order of the enum. */
export const GUARDS = [
  "None", "ShutDown", "Paused", "ModuleNotEnabled", "NoSuchRound", "RoundNotLatest", "RoundExecuted", "RoundDisabled",
  "RoundExpired", "VetoDelay", "PolicyNewerThanRound", "ModelFrozen", "Hold", "Cooldown", "FeedUnavailable",
  "FeedNotPositive", "FeedStale", "TwapUnavailable", "TwapDeviates", "CloseDeviates", "EmptyTreasury",
  "WithinDeadBand", "BelowMinTrade", "TurnoverBudget", "LossBudget",
];

/** Guards that are nothing to worry about: the treasury rests as it should. */
export const CALM = new Set(["None", "Hold", "RoundExecuted", "Cooldown", "WithinDeadBand", "NoSuchRound", "VetoDelay"]);

const SENTENCES = {
  None: () => "Nothing blocks this round.",
  ShutDown: () => "The guardian has shut the module down for good.",
  Paused: () => "The module is paused.",
  ModuleNotEnabled: () => "The Safe has not enabled the module.",
  NoSuchRound: () => "There is no round to execute yet.",
  RoundNotLatest: ({ got, want }) => `Round ${got} is not the latest any more, ${want} is.`,
  RoundExecuted: ({ got }) => `Round ${got} has been executed.`,
  RoundDisabled: () => "The guardian has vetoed this round.",
  RoundExpired: ({ got, want }) =>
    `The round's candle closed ${duration(Number(got))} ago; a round can be executed for ${span(Number(want))}.`,
  VetoDelay: ({ want }) => `The guardian may still veto it, until ${time(Number(want))} UTC.`,
  PolicyNewerThanRound: ({ want }) =>
    `The policy is newer than the round: rounds accepted from ${dateTime(Number(want))} UTC on count.`,
  ModelFrozen: () => "The round's model has been frozen.",
  Hold: () => "The signal is HOLD, which never trades.",
  Cooldown: ({ want }) => `It rests between trades, until ${time(Number(want))} UTC.`,
  FeedUnavailable: () => "The price feed does not answer.",
  FeedNotPositive: () => "The price feed answers zero or less.",
  FeedStale: ({ got, want }) =>
    `The price feed is ${duration(Number(got))} old, ${span(Number(want))} are allowed.`,
  TwapUnavailable: ({ want }) => `The pool does not remember the last ${span(Number(want))}.`,
  TwapDeviates: ({ got, want }) => `Pool and price feed are ${bps(got)} apart, ${bps(want)} are allowed.`,
  CloseDeviates: ({ got, want }) => `The round's close and the price feed are ${bps(got)} apart, ${bps(want)} are allowed.`,
  EmptyTreasury: () => "The treasury is empty.",
  WithinDeadBand: ({ got, want, signal }) =>
    `At ${bps(got)} the allocation needs no ${signal}: the target is ${bps(want)}.`,
  BelowMinTrade: ({ got, want, quote }) =>
    `The trade would be ${amount(got, quote)}, the smallest allowed is ${amount(want, quote)}.`,
  TurnoverBudget: ({ got, want, quote }) =>
    `The turnover budget has ${amount(got, quote)} left, a trade needs ${amount(want, quote)}.`,
  LossBudget: ({ got, want, quote }) =>
    `The loss budget covers a trade of ${amount(got, quote)}, one needs ${amount(want, quote)}.`,
};

/**
 * What a guard says.
 * @param guard number of the guard
 * @param details `{ got, want, signal, quote: { symbol, decimals } }`
 */
export function guardSentence(guard, details) {
  const name = GUARDS[guard];
  if (name === undefined) return `A guard that this page does not know blocks (number ${count(guard)}).`;
  return SENTENCES[name](details);
}

const amount = (value, { symbol, decimals }) => `${decimal(value, decimals, 2)} ${symbol}`;
