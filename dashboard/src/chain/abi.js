// What the page reads of the contracts; contracts/interfaces is the definition, and a test compares both.
import { Interface } from "ethers";

const ROUND = "tuple(uint64 closeTime,uint64 acceptedAt,uint8 class,bytes4 modelId,int64 lastCloseE8)";
const SUBMISSION =
  "tuple(bytes4 modelId,uint64 closeTime,int64 lastCloseE8,bytes proof,uint256[] publicInputs,bytes attestations)";
const ROUTE =
  "tuple(address verifier,uint32 proofLength,bool frozen,uint16 windowValues,uint8 classes,uint32 timeframe,bytes32 codehash)";
const PLAN =
  "tuple(uint8 guard,uint256 got,uint256 want,uint8 signal,uint256 priceE8,uint256 baseBalance,uint256 quoteBalance," +
  "uint256 treasuryValue,uint256 allocationBps,uint256 targetBps,address tokenIn,address tokenOut,uint256 tradeValue," +
  "uint256 amountIn,uint256 minAmountOut)";
const POLICY =
  "tuple(uint16 sellTargetBps,uint16 buyTargetBps,uint16 maxStepBps,uint16 deadBandBps,uint16 maxSlippageBps," +
  "uint16 maxDeviationBps,uint32 cooldown,uint32 roundTtl,uint32 vetoDelay,uint32 feedMaxAge,uint32 twapWindow," +
  "uint32 budgetPeriod,uint128 minTrade,uint128 maxTrade,uint128 turnoverBudget,uint128 lossBudget)";

/** ISignalOracle */
export const ORACLE = new Interface([
  `function submit(${SUBMISSION} submission) returns (uint80 roundId)`,
  `function submitBatch(${SUBMISSION}[] submissions) returns (uint80 roundId)`,
  `function round(uint80 roundId) view returns (${ROUND})`,
  "function latestRoundId() view returns (uint80)",
  "function isModelActive(bytes4 modelId) view returns (bool)",
  "function attestors() view returns (address[])",
  "function threshold() view returns (uint8)",
  "function maxAge() view returns (uint32)",
  "function gateway() view returns (address)",
  "function symbol() view returns (bytes32)",
  "function timeframe() view returns (uint32)",
  "function windowValues() view returns (uint16)",
  "function classes() view returns (uint8)",
  "event SignalAccepted(uint80 indexed roundId, bytes4 indexed modelId, uint8 indexed class, uint64 closeTime," +
    " bytes32 inputsDigest, int64 lastCloseE8, address submitter)",
]);

/** ISignalVerifierGateway */
export const GATEWAY = new Interface([`function route(bytes4 modelId) view returns (${ROUTE})`]);

/** ISignalVerifier */
export const VERIFIER = new Interface([
  "function verify(uint256[] publicInputs, bytes proof) view returns (bool accepted)",
]);

/** IRebalanceModule, and the public fields of the module's contract */
export const MODULE = new Interface([
  `function preview(uint80 roundId) view returns (${PLAN})`,
  `function policy() view returns (${POLICY})`,
  "function budgetsLeft() view returns (uint256 turnover, uint256 loss)",
  "function lastExecutedRound() view returns (uint80)",
  "function lastExecutedAt() view returns (uint64)",
  "function balances() view returns (uint256 baseBalance, uint256 quoteBalance)",
  "function valueAt(uint256 priceE8, uint256 baseBalance, uint256 quoteBalance) view returns (uint256 value, uint256 allocationBps)",
  "function oracle() view returns (address)",
  "function safe() view returns (address)",
  "function base() view returns (address)",
  "function quote() view returns (address)",
]);

/** ERC-20 metadata */
export const TOKEN = new Interface([
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
]);
