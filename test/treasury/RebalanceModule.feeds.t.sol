// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal} from "../../contracts/interfaces/ISignalOracle.sol";
import {RebalanceModule} from "../../contracts/treasury/RebalanceModule.sol";
import {TreasuryMarket} from "../../contracts/treasury/TreasuryMarket.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {HostileFeed} from "../support/HostileFeed.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";

/// @title Feeds with decimals and habits of their own
contract RebalanceModuleFeedsTest is TreasuryTest {
    HostileFeed private feed;
    uint256 private price;
    uint80 private id;

    function test_execute_FeedDecimals_GiveTheSamePrice() public {
        uint8[4] memory decimals = [0, 6, 8, 18];
        for (uint256 i = 0; i < decimals.length; ++i) {
            uint256 state = vm.snapshotState();
            _withFeed(decimals[i]);
            uint256 raw = price * 10 ** decimals[i] / 1e8;
            feed.answerWith(_data(int256(raw), block.timestamp), 0);
            uint256 seen = module.preview(id).priceE8;
            vm.assertApproxEqRel(seen, price, 1e14, "in 8 decimals, up to the feed's own rounding");
            module.execute(id);
            vm.revertToState(state);
        }
    }

    /// @dev Taken for 8 decimals, an answer of 18 would be ten billion times the pool's price.
    function test_execute_RevertWhen_FeedLiesAboutItsDecimals() public {
        _withFeed(8);
        feed.answerWith(_data(int256(price * 1e10), block.timestamp), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
        feed.answerWith(_data(int256(price / 1e2), block.timestamp), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
        feed.answerWith(_data(1, block.timestamp), 0);
        _expectBlocked(id, IRebalanceModule.Guard.TwapDeviates);
    }

    function test_execute_RevertWhen_FeedPriceVanishesInTheRounding() public {
        _withFeed(18);
        feed.answerWith(_data(1e9, block.timestamp), 0);
        _expectBlocked(id, IRebalanceModule.Guard.FeedNotPositive);
    }

    function test_execute_FeedAnswersAMegabyte_CostsLittle() public {
        _withFeed(8);
        feed.answerWith(_data(int256(price), block.timestamp), 1_000_000);
        uint256 before = gasleft();
        vm.assertEq(uint256(module.preview(id).guard), 0, "the first five words count");
        vm.assertLe(before - gasleft(), 6_000_000, "the feed's own memory, not ours as well");
        module.execute(id);
    }

    function test_execute_RevertWhen_FeedAnswersTooLittle() public {
        _withFeed(8);
        bytes memory whole = _data(int256(price), block.timestamp);
        uint256[4] memory lengths = [uint256(0), 1, 32, 159];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory part = new bytes(lengths[i]);
            for (uint256 j = 0; j < part.length; ++j) {
                part[j] = whole[j];
            }
            feed.answerWith(part, 0);
            _expectBlocked(id, IRebalanceModule.Guard.FeedUnavailable);
        }
    }

    function test_execute_RevertWhen_FeedRevertsWithAWholeAnswer() public {
        _withFeed(8);
        feed.answerWith(_data(int256(price), block.timestamp), 0);
        feed.throwIt();
        _expectBlocked(id, IRebalanceModule.Guard.FeedUnavailable);
    }

    function test_execute_RevertWhen_FeedIsGone() public {
        _withFeed(8);
        vm.etch(address(feed), "");
        _expectBlocked(id, IRebalanceModule.Guard.FeedUnavailable);
    }

    function testFuzz_execute_AnyFeedAnswer_NamesAGuardOrAgrees(bytes calldata noise, uint256 choice) public {
        _withFeed(8);
        if (choice % 2 == 0) {
            feed.answerWith(noise, 0);
        } else {
            feed.answerWith(_data(int256(uint256(keccak256(noise)) >> (choice % 256)), block.timestamp), 0);
        }
        IRebalanceModule.Plan memory plan = module.preview(id);
        if (plan.guard == IRebalanceModule.Guard.None) {
            vm.assertApproxEqRel(plan.priceE8, price, 2e16, "only near the pool's price");
        }
    }

    function _withFeed(uint8 decimals) private {
        feed = new HostileFeed(decimals);
        TreasuryMarket.Wiring memory w = _wiring(market.router, ISignalOracle(address(oracle)));
        w.feed = AggregatorV3Interface(address(feed));
        module = new RebalanceModule(w, _bounds(), _policy(), address(this), guardian);
        _enable(module);
        id = _reach(Fixtures.find(Signal.BUY, 0));
        (, int256 answer,,,) = market.feed.latestRoundData();
        price = uint256(answer);
    }

    function _data(int256 answer, uint256 updatedAt) private pure returns (bytes memory) {
        return abi.encode(uint80(1), answer, updatedAt, updatedAt, uint80(1));
    }
}
