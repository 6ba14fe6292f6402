// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, Regime} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifier} from "../../contracts/interfaces/ISignalVerifier.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalVerifierGateway} from "../../contracts/oracle/SignalVerifierGateway.sol";
import {Artifacts} from "../../scripts/support/Artifacts.sol";
import {OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title An oracle of regimes with the shipped regime model's generated verifier and real proofs
contract SignalOracleRegimeTest is OracleTest {
    /// @dev Declared by the generated verifiers alone.
    bytes4 private constant REJECTED = bytes4(keccak256("ProofRejected()"));

    function setUp() public override {
        super.setUp();
        verifier = Artifacts.create("regime verifier", Fixtures.regimeVerifierCode());
        ISignalVerifierGateway.RouteConfig[] memory routes = _routes(Fixtures.regime(0).modelId, verifier);
        routes[0].schema.classes = 2;
        gateway = new SignalVerifierGateway(address(this), guardian, routes);
        Feed memory feed = _feed();
        feed.classes = 2;
        deployCodeTo(
            OracleArtifact.initCode(gateway, feed, address(this), _addresses(keys), 2), address(oracle)
        );
        vm.warp(Fixtures.regime(0).closeTime + 5);
    }

    function test_submit_RegimeProofs_AreStoredAsRegimes() public {
        for (uint256 i = 0; i < 3; ++i) {
            Fixtures.Proven memory s = Fixtures.regime(i);
            vm.warp(s.closeTime + 5);
            uint80 id = _submit(s);
            vm.assertEq(uint256(oracle.latestSignalUnsafe().class), uint256(s.signal), "class");
            vm.assertLe(uint256(s.signal), uint256(Regime.HIGH), "of two");
            vm.assertEq(uint256(id), i + 1, "round");
        }
    }

    function test_verify_RevertWhen_RegimeProofIsOfTheOtherClass() public {
        Fixtures.Proven memory s = Fixtures.regime(0);
        vm.assertTrue(ISignalVerifier(verifier).verify{gas: ENOUGH}(s.publicInputs, s.proof), "honest");
        s.publicInputs[18] = 1 - s.publicInputs[18];
        vm.expectRevert(REJECTED);
        ISignalVerifier(verifier).verify{gas: ENOUGH}(s.publicInputs, s.proof);
    }

    function test_verify_RevertWhen_ProofIsASignalModels() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        vm.expectRevert(REJECTED);
        ISignalVerifier(verifier).verify{gas: ENOUGH}(s.publicInputs, s.proof);
    }
}
