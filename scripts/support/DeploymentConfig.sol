// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISafe} from "../../contracts/interfaces/ISafe.sol";
import {Feed, ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISwapRouter, IUniswapV3Pool} from "../../contracts/interfaces/IUniswapV3.sol";
import {TreasuryMarket} from "../../contracts/treasury/TreasuryMarket.sol";
import {VM} from "../../test/support/Vm.sol";
import {Narrow} from "./Narrow.sol";
import {VerifierParams} from "./VerifierParams.sol";

/// @title A deployment's inputs, from the environment
library DeploymentConfig {
    uint256 private constant LOCAL_CHAIN = 31_337;
    uint256 private constant SHORTEST_PUBLIC_DELAY = 1 days;

    struct Governance {
        address owner;
        address guardian;
        uint256 timelockDelay;
        address[] attestors;
        uint8 threshold;
    }

    error TimelockDelayTooShort(uint256 got, uint256 min);
    error SymbolTooLong(string symbol);

    /// @notice Who governs; `deployer` is the default on a local chain only.
    function governance(address deployer) internal view returns (Governance memory g) {
        bool local = block.chainid == LOCAL_CHAIN;
        g.owner = local ? VM.envOr("OWNER", deployer) : VM.envAddress("OWNER");
        g.guardian = local ? VM.envOr("GUARDIAN", deployer) : VM.envAddress("GUARDIAN");
        g.timelockDelay = VM.envOr("TIMELOCK_DELAY", uint256(3 days));
        if (!local && g.timelockDelay < SHORTEST_PUBLIC_DELAY) {
            revert TimelockDelayTooShort(g.timelockDelay, SHORTEST_PUBLIC_DELAY);
        }
        g.attestors = sorted(VM.envAddress("ATTESTORS", ","));
        g.threshold = Narrow.toUint8("THRESHOLD", VM.envUint("THRESHOLD"));
    }

    /// @notice What the oracle speaks of; its first model says what it reads and answers.
    function feed(VerifierParams.Params memory model) internal view returns (Feed memory) {
        return Feed({
            symbol: symbolWord(VM.envOr("SYMBOL", string("BTC/USDT"))),
            timeframe: Narrow.toUint32("TIMEFRAME", VM.envOr("TIMEFRAME", uint256(60))),
            windowValues: model.inputs,
            classes: model.classes,
            maxAge: Narrow.toUint32("MAX_AGE", VM.envOr("MAX_AGE", uint256(600)))
        });
    }

    /// @notice The treasury's Safe and market; all zero when none is named. The oracle is filled in later.
    function market() internal view returns (TreasuryMarket.Wiring memory w) {
        string memory path = VM.envOr("MARKET", string(""));
        if (bytes(path).length != 0) {
            string memory json = VM.readFile(path);
            return _wiring(
                VM.parseJsonAddress(json, ".safe"),
                VM.parseJsonAddress(json, ".router"),
                VM.parseJsonAddress(json, ".pool"),
                VM.parseJsonAddress(json, ".feed"),
                VM.parseJsonAddress(json, ".base"),
                VM.parseJsonAddress(json, ".quote")
            );
        }
        if (VM.envOr("SAFE", address(0)) == address(0)) return w;
        return _wiring(
            VM.envAddress("SAFE"),
            VM.envAddress("ROUTER"),
            VM.envAddress("POOL"),
            VM.envAddress("PRICE_FEED"),
            VM.envAddress("BASE"),
            VM.envAddress("QUOTE")
        );
    }

    /// @notice The treasury's starting policy. Amounts are in quote units of 6 decimals by default.
    function policy() internal view returns (IRebalanceModule.Policy memory) {
        return IRebalanceModule.Policy({
            sellTargetBps: Narrow.toUint16("SELL_TARGET_BPS", VM.envOr("SELL_TARGET_BPS", uint256(2000))),
            buyTargetBps: Narrow.toUint16("BUY_TARGET_BPS", VM.envOr("BUY_TARGET_BPS", uint256(8000))),
            maxStepBps: Narrow.toUint16("MAX_STEP_BPS", VM.envOr("MAX_STEP_BPS", uint256(1000))),
            deadBandBps: Narrow.toUint16("DEAD_BAND_BPS", VM.envOr("DEAD_BAND_BPS", uint256(50))),
            maxSlippageBps: Narrow.toUint16("MAX_SLIPPAGE_BPS", VM.envOr("MAX_SLIPPAGE_BPS", uint256(50))),
            maxDeviationBps: Narrow.toUint16(
                "MAX_DEVIATION_BPS", VM.envOr("MAX_DEVIATION_BPS", uint256(100))
            ),
            cooldown: Narrow.toUint32("COOLDOWN", VM.envOr("COOLDOWN", uint256(60))),
            roundTtl: Narrow.toUint32("ROUND_TTL", VM.envOr("ROUND_TTL", uint256(300))),
            vetoDelay: Narrow.toUint32("VETO_DELAY", VM.envOr("VETO_DELAY", uint256(0))),
            feedMaxAge: Narrow.toUint32("FEED_MAX_AGE", VM.envOr("FEED_MAX_AGE", uint256(300))),
            twapWindow: Narrow.toUint32("TWAP_WINDOW", VM.envOr("TWAP_WINDOW", uint256(60))),
            budgetPeriod: Narrow.toUint32("BUDGET_PERIOD", VM.envOr("BUDGET_PERIOD", uint256(1 days))),
            minTrade: Narrow.toUint128("MIN_TRADE", VM.envOr("MIN_TRADE", uint256(100e6))),
            maxTrade: Narrow.toUint128("MAX_TRADE", VM.envOr("MAX_TRADE", uint256(250_000e6))),
            turnoverBudget: Narrow.toUint128(
                "TURNOVER_BUDGET", VM.envOr("TURNOVER_BUDGET", uint256(1_000_000e6))
            ),
            lossBudget: Narrow.toUint128("LOSS_BUDGET", VM.envOr("LOSS_BUDGET", uint256(5000e6)))
        });
    }

    /// @notice Limits of every later policy.
    function bounds() internal pure returns (IRebalanceModule.Bounds memory) {
        return IRebalanceModule.Bounds({
            minTargetBps: 500,
            maxTargetBps: 9500,
            maxStepBps: 2500,
            maxSlippageBps: 200,
            maxDeviationBps: 300,
            minCooldown: 60,
            maxRoundTtl: 1 days,
            maxFeedAge: 1 days,
            minTwapWindow: 30,
            minBudgetPeriod: 1 hours,
            maxTrade: 5_000_000e6,
            maxTurnoverBudget: 20_000_000e6,
            maxLossBudget: 100_000e6
        });
    }

    /// @notice ASCII text as a left-aligned, zero-padded word.
    function symbolWord(string memory text) internal pure returns (bytes32) {
        if (bytes(text).length == 0 || bytes(text).length > 32) revert SymbolTooLong(text);
        return bytes32(bytes(text));
    }

    /// @notice Ascending order, as the oracle demands.
    function sorted(address[] memory list) internal pure returns (address[] memory) {
        for (uint256 i = 1; i < list.length; ++i) {
            address moving = list[i];
            uint256 j = i;
            for (; j > 0 && list[j - 1] > moving; --j) {
                list[j] = list[j - 1];
            }
            list[j] = moving;
        }
        return list;
    }

    function _wiring(
        address safe,
        address router,
        address pool,
        address priceFeed,
        address base,
        address quote
    ) private pure returns (TreasuryMarket.Wiring memory) {
        return TreasuryMarket.Wiring({
            safe: ISafe(safe),
            oracle: ISignalOracle(address(0)),
            router: ISwapRouter(router),
            pool: IUniswapV3Pool(pool),
            feed: AggregatorV3Interface(priceFeed),
            base: base,
            quote: quote
        });
    }
}
