// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Round} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {IDeployedOracle} from "../../scripts/support/OracleArtifact.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";
import {Test} from "../support/Test.sol";

/// @dev Submits real proofs in any order, at any time, sometimes damaged, sometimes after a freeze.
contract Relayer is Test {
    IDeployedOracle private immutable _oracle;
    address private immutable _owner;
    uint256 private immutable _start;
    Fixtures.Proven[] private _submissions;
    bytes[] private _attestations;

    uint256 public accepted;
    bool public damagedAccepted;
    bool public frozen;
    uint256 public acceptedAfterFreeze;

    constructor(
        IDeployedOracle oracle,
        Fixtures.Proven[] memory submissions,
        bytes[] memory attestations,
        address owner
    ) {
        (_oracle, _owner, _start) = (oracle, owner, submissions[0].closeTime);
        for (uint256 i = 0; i < submissions.length; ++i) {
            _submissions.push(submissions[i]);
            _attestations.push(attestations[i]);
        }
    }

    function submit(uint256 pick, uint256 time) external {
        pick = pick % _submissions.length;
        vm.warp(_start + bound(time, 0, 700));
        if (_send(_submissions[pick], _attestations[pick]) && frozen) ++acceptedAfterFreeze;
    }

    function submitDamaged(uint256 pick, uint256 word, uint256 bit) external {
        pick = pick % _submissions.length;
        Fixtures.Proven memory s = _submissions[pick];
        vm.warp(uint256(s.closeTime) + 1);
        word = word % (s.publicInputs.length + 1);
        if (word < s.publicInputs.length) s.publicInputs[word] ^= 1 << (bit % 256);
        else s.proof[bit % s.proof.length] ^= 0x01;
        if (_send(s, _attestations[pick])) damagedAccepted = true;
    }

    function submitUnattested(uint256 pick) external {
        Fixtures.Proven memory s = _submissions[pick % _submissions.length];
        vm.warp(uint256(s.closeTime) + 1);
        if (_send(s, "")) damagedAccepted = true;
    }

    function tune(uint256 maxAge) external {
        vm.prank(_owner);
        _oracle.setMaxAge(uint32(bound(maxAge, 60, 7 days)));
    }

    /// @dev Rare, so that most sequences see rounds first.
    function freeze(uint256 dice) external {
        if (dice % 8 != 0 || frozen) return;
        bytes4 modelId = _submissions[0].modelId;
        ISignalVerifierGateway gateway = _oracle.gateway();
        vm.prank(_owner);
        gateway.freeze(modelId);
        frozen = true;
    }

    function _send(Fixtures.Proven memory s, bytes memory attestations) private returns (bool) {
        try _oracle.submit{gas: 1_000_000}(Fixtures.submission(s, attestations)) {
            ++accepted;
            return true;
        } catch {
            return false;
        }
    }
}

/// @title What holds in every reachable state of the oracle
contract SignalOracleInvariants is OracleTest {
    uint256 private constant ROUNDS = 6;
    Relayer private relayer;

    function setUp() public override {
        super.setUp();
        Fixtures.Proven[] memory submissions = new Fixtures.Proven[](ROUNDS);
        bytes[] memory attestations = new bytes[](ROUNDS);
        for (uint256 i = 0; i < ROUNDS; ++i) {
            submissions[i] = Fixtures.round(i);
            attestations[i] = _attest(submissions[i]);
        }
        relayer = new Relayer(oracle, submissions, attestations, address(this));
    }

    function invariant_CloseTimesStrictlyIncreaseOnTheGrid() public view {
        uint64 previous = 0;
        for (uint80 id = 1; id <= oracle.latestRoundId(); ++id) {
            Round memory r = oracle.round(id);
            vm.assertTrue(r.closeTime > previous, "increasing");
            vm.assertEq(r.closeTime % 60, 0, "on the grid");
            vm.assertGe(r.acceptedAt, r.closeTime, "accepted after the close");
            vm.assertLe(uint256(r.class), 2, "a signal");
            vm.assertEq(bytes32(r.modelId), bytes32(Fixtures.modelId()), "the routed model");
            previous = r.closeTime;
        }
    }

    function invariant_OnlyExactStatementsWithAQuorumAreAccepted() public view {
        vm.assertFalse(relayer.damagedAccepted(), "nothing damaged, nothing unattested");
    }

    function invariant_AFrozenModelAddsNoRound() public view {
        vm.assertEq(relayer.acceptedAfterFreeze(), 0, "frozen is frozen");
    }

    function invariant_OnlySubmitAddsRounds() public view {
        vm.assertEq(
            uint256(oracle.latestRoundId()), relayer.accepted(), "one round for each that was accepted"
        );
    }

    /// @dev forge calls this to know whom to fuzz.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(relayer);
    }
}
