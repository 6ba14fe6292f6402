// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle, Round, Signal, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title Order, freshness and replay
contract SignalOracleSubmitTest is OracleTest {
    function test_submit_ValidProofAndQuorum_StoresRoundAndEmits() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        vm.expectEmit(address(oracle));
        emit ISignalOracle.SignalAccepted(
            1,
            s.modelId,
            uint8(s.signal),
            s.closeTime,
            _inputsDigest(s.publicInputs),
            s.lastCloseE8,
            address(this)
        );
        vm.assertEq(uint256(_submit(s, attestations)), 1, "first round id");

        Round memory r = oracle.round(1);
        vm.assertEq(uint256(r.closeTime), s.closeTime, "close time");
        vm.assertEq(uint256(r.acceptedAt), s.closeTime + 5, "accepted at");
        vm.assertEq(uint256(r.class), uint256(s.signal), "signal");
        vm.assertEq(bytes32(r.modelId), bytes32(s.modelId), "model");
        vm.assertEq(int256(r.lastCloseE8), s.lastCloseE8, "last close");
        vm.assertEq(uint256(oracle.latestRoundId()), 1, "latest");
    }

    function test_submit_ConsecutiveRounds_CountsUpAndCoversEverySignal() public {
        bool[3] memory seen;
        uint256 rounds = Fixtures.count();
        for (uint256 i = 0; i < rounds; ++i) {
            vm.assertEq(uint256(_submitOnTime(i)), i + 1, "round id");
            seen[uint256(oracle.latestSignalUnsafe().class)] = true;
        }
        vm.assertTrue(seen[0] && seen[1] && seen[2], "fixtures cover SELL, HOLD and BUY");
    }

    function test_submit_AnyRelayer_IsAccepted() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        vm.prank(stranger);
        _submit(s, attestations);
    }

    function test_submit_GapBetweenRounds_IsAccepted() public {
        _submitOnTime(0);
        vm.assertEq(uint256(_submitOnTime(3)), 2, "ids do not skip");
    }

    /// @dev Replay protection keys on the statement: a proof can be randomised anew.
    function test_submit_RevertWhen_SameStatementIsProvedAgain() public {
        Fixtures.Proven memory again = Fixtures.again();
        vm.assertTrue(keccak256(again.proof) != keccak256(Fixtures.round(0).proof), "another proof");
        uint256 state = vm.snapshotState();
        vm.assertEq(uint256(_submit(again)), 1, "as good as the first");
        vm.revertToState(state);
        _submit(Fixtures.round(0));
        Submission memory replay = Fixtures.submission(again, _attest(again));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.CloseTimeNotAfterLatest.selector, again.closeTime, again.closeTime
            )
        );
        oracle.submit(replay);
    }

    function test_submit_RevertWhen_SameSubmissionAgain() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        _submit(s, attestations);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.CloseTimeNotAfterLatest.selector, s.closeTime, s.closeTime)
        );
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_CloseTimeOlderThanLatest() public {
        Fixtures.Proven memory older = Fixtures.round(0);
        bytes memory attestations = _attest(older);
        _submitOnTime(1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.CloseTimeNotAfterLatest.selector, older.closeTime, Fixtures.round(1).closeTime
            )
        );
        _submit(older, attestations);
    }

    function test_submit_RevertWhen_CloseTimeOffGrid() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        s.closeTime += 1;
        bytes memory attestations = _attest(s);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.CloseTimeOffGrid.selector, s.closeTime, uint32(60))
        );
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_CloseTimeIsZero() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        s.closeTime = 0;
        bytes memory attestations = _attest(s);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.CloseTimeOffGrid.selector, 0, uint32(60)));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_CloseTimeInFuture() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        vm.warp(s.closeTime - 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.CloseTimeInFuture.selector, s.closeTime, s.closeTime - 1)
        );
        _submit(s, attestations);
    }

    function test_submit_AtTheCloseItself_IsAccepted() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        vm.warp(s.closeTime);
        _submit(s);
    }

    function test_submit_AgeAtLimit_IsAccepted() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        vm.warp(s.closeTime + MAX_AGE);
        _submit(s);
    }

    function test_submit_RevertWhen_AgeAboveLimit() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        vm.warp(s.closeTime + MAX_AGE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISignalOracle.CloseTimeTooOld.selector, s.closeTime, s.closeTime + 1)
        );
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_CloseTimeIsHuge() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        s.closeTime = type(uint64).max / 60 * 60;
        bytes memory attestations = _attest(s);
        vm.expectPartialRevert(ISignalOracle.CloseTimeInFuture.selector);
        _submit(s, attestations);
    }

    function testFuzz_submit_RevertWhen_ProofIsForAnotherCloseTime(uint64 minutesBack) public {
        Fixtures.Proven memory s = Fixtures.round(0);
        s.closeTime -= uint64(bound(minutesBack, 1, 9)) * 60;
        bytes memory attestations = _attest(s);
        vm.expectPartialRevert(ISignalOracle.BindingMismatch.selector);
        _submit(s, attestations);
    }
}
