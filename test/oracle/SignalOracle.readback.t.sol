// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {ReadingVerifier} from "../support/HostileVerifiers.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title A verifier that reads the oracle back while it is asked: no round is there before every proof was checked
contract SignalOracleReadBackTest is OracleTest {
    bytes4 private constant READER = 0xaabbccdd;
    uint256 private constant COUNT = 4;

    ReadingVerifier private reader;

    function setUp() public override {
        super.setUp();
        reader = new ReadingVerifier(oracle);
        gateway.addRoute(_route(READER, address(reader)));
        vm.warp(Fixtures.round(COUNT - 1).closeTime + 5);
    }

    function test_submit_VerifierReadsTheOracle_SeesTheStateBefore() public {
        Submission[] memory rounds = _readRounds();
        for (uint256 i = 0; i < COUNT; ++i) {
            reader.look();
            vm.assertEq(uint256(reader.latestRoundId()), i, "what it expects to see");
            vm.assertEq(uint256(oracle.submit(rounds[i])), i + 1, "accepted: it saw the round before");
        }
    }

    function test_submitBatch_VerifierReadsTheOracle_SeesTheStateBeforeAllOfIt() public {
        reader.look();
        Submission[] memory rounds = _readRounds();
        vm.assertEq(uint256(oracle.submitBatch(rounds)), COUNT, "accepted: it never saw a round of the batch");
    }

    /// @dev The verifier does look: were a round there while it is asked, nothing would be accepted.
    function test_submit_RevertWhen_VerifierSeesAnotherState() public {
        reader.look();
        Submission[] memory rounds = _readRounds();
        oracle.submit(rounds[0]);
        bytes memory rejected = abi.encodeWithSelector(ISignalVerifierGateway.ProofRejected.selector, READER);
        vm.expectRevert(rejected);
        oracle.submit(rounds[1]);
        Submission[] memory rest = new Submission[](2);
        (rest[0], rest[1]) = (rounds[1], rounds[2]);
        vm.expectRevert(rejected);
        oracle.submitBatch(rest);
        reader.look();
        vm.assertEq(uint256(oracle.submitBatch(rest)), 3, "accepted once it knows the state");
    }

    function _readRounds() private view returns (Submission[] memory rounds) {
        rounds = _prefix(COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            rounds[i].modelId = READER;
        }
    }
}
