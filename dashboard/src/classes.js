// The names of an oracle's classes: contracts/interfaces/ISignalOracle.sol, enums Signal and Regime.

const NAMES = { 3: ["SELL", "HOLD", "BUY"], 2: ["LOW", "HIGH"] };

/** The names of all classes of an oracle that tells `classes` of them apart. */
export const classNames = (classes) => NAMES[classes] ?? Array.from({ length: classes }, (_, i) => `CLASS ${i}`);

/** The name of one class. */
export const className = (index, classes) => classNames(classes)[index] ?? `CLASS ${index}`;

/** What an answer says, for a reader who sees it for the first time. */
export const MEANING = {
  SELL: "the model expects the price to fall",
  HOLD: "the model expects no move worth trading",
  BUY: "the model expects the price to rise",
  LOW: "the model expects calm hours",
  HIGH: "the model expects volatile hours",
};
