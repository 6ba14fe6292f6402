// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {Feed, ISignalOracle, Regime, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalAggregatorV3} from "../../contracts/oracle/SignalAggregatorV3.sol";
import {OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {AcceptingVerifier} from "../support/HostileVerifiers.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";

/// @title One oracle, one schema: symbol, timeframe, window and classes
contract SignalOracleSchemaTest is TreasuryTest {
    bytes4 private constant REGIME_MODEL = 0x0badcafe;
    uint64 private close;

    /// @dev A stand-in for a regime model's verifier: what is tested here are the oracle's own rules.
    function setUp() public override {
        super.setUp();
        close = Fixtures.round(0).closeTime;
        vm.warp(close + 1);
        ISignalVerifierGateway.RouteConfig memory config =
            _route(REGIME_MODEL, address(new AcceptingVerifier()));
        config.schema.classes = 2;
        gateway.addRoute(config);
    }

    function test_submit_RevertWhen_RouteHasAnotherSchema() public {
        ISignalVerifierGateway.Schema[3] memory others = [_schema(), _schema(), _schema()];
        others[0].windowValues = 497;
        others[1].classes = 2;
        others[2].timeframe = 300;
        Fixtures.Proven memory s = Fixtures.round(0);
        for (uint256 i = 0; i < others.length; ++i) {
            s.modelId = bytes4(uint32(i + 1));
            ISignalVerifierGateway.RouteConfig memory config =
                _route(s.modelId, address(new AcceptingVerifier()));
            config.schema = others[i];
            gateway.addRoute(config);
            Submission memory submission = Fixtures.submission(s, _attest(s));
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISignalVerifierGateway.SchemaMismatch.selector, s.modelId, others[i], _schema()
                )
            );
            oracle.submit(submission);
        }
    }

    function test_route_StatesItsSchema() public view {
        ISignalVerifierGateway.Route memory signals = gateway.route(Fixtures.modelId());
        vm.assertEq(uint256(signals.windowValues), 496, "values");
        vm.assertEq(uint256(signals.classes), 3, "classes");
        vm.assertEq(uint256(signals.timeframe), 60, "timeframe");
        vm.assertEq(uint256(gateway.route(REGIME_MODEL).classes), 2, "regimes");
    }

    function test_submit_TwoClasses_AreRegimes() public {
        _becomeRegimeOracle();
        SignalAggregatorV3 aggregator = new SignalAggregatorV3(oracle);
        oracle.submit(_regime(close, Regime.HIGH, _logits(1)));
        vm.assertEq(uint256(oracle.latestSignalUnsafe().class), uint256(Regime.HIGH), "stored");
        (, int256 answer,,,) = aggregator.latestRoundData();
        vm.assertEq(answer, int256(1), "HIGH");
        vm.warp(close + 61);
        oracle.submit(_regime(close + 60, Regime.LOW, _logits(0)));
        (, answer,,,) = aggregator.latestRoundData();
        vm.assertEq(answer, int256(0), "LOW");
    }

    function test_submit_RevertWhen_TwoClassesClaimAThird() public {
        _becomeRegimeOracle();
        Submission memory third = _regime(close, Regime.LOW, _logits(0) | uint256(1) << 128);
        vm.expectPartialRevert(ISignalOracle.LogitsOutOfRange.selector);
        oracle.submit(third);
        Submission memory beyond = _regime(close, Regime.LOW, _logits(0));
        beyond.publicInputs[18] = 2;
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.ClassOutOfRange.selector, 2));
        oracle.submit(beyond);
    }

    function test_module_RevertWhen_OracleServesRegimes() public {
        _becomeRegimeOracle();
        vm.expectRevert(
            abi.encodeWithSelector(IRebalanceModule.NotSignals.selector, address(oracle), uint8(2))
        );
        _deployModule(market.router, ISignalOracle(address(oracle)), _policy());
    }

    function _becomeRegimeOracle() private {
        Feed memory feed = _feed();
        feed.classes = 2;
        oracle = OracleArtifact.create(gateway, feed, address(this), _addresses(keys), 2);
    }

    /// @dev Two logits of which `best` is larger.
    function _logits(uint256 best) private pure returns (uint256) {
        return uint256(2) << (64 * best) | uint256(1) << (64 * (1 - best));
    }

    function _regime(uint64 closeTime, Regime regime, uint256 logits)
        private
        view
        returns (Submission memory)
    {
        Fixtures.Proven memory s = Fixtures.round(0);
        s.modelId = REGIME_MODEL;
        s.closeTime = closeTime;
        s.publicInputs[0] = oracle.bindingOf(closeTime, s.lastCloseE8);
        s.publicInputs[17] = logits;
        s.publicInputs[18] = uint256(regime);
        return Fixtures.submission(s, _attest(s));
    }
}
