// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Signal, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifier} from "../../contracts/interfaces/ISignalVerifier.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";

/// @title What each step costs as a transaction of its own
/// @notice Written to snapshots/Gas.json and compared on every run. To accept new figures:
/// FORGE_SNAPSHOT_CHECK=false npx forge test --match-path test/gas/Gas.t.sol
contract Gas is TreasuryTest {
    function test_gas_verify() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        // A plain call: forge makes a transaction of it, which it does not of a static call.
        (bool success, bytes memory answer) =
            verifier.call(abi.encodeCall(ISignalVerifier.verify, (s.publicInputs, s.proof)));
        vm.snapshotGasLastCall("verify");
        vm.assertTrue(success && abi.decode(answer, (bool)), "accepted");
        vm.snapshotValue("verifier code bytes", verifier.code.length);
        vm.snapshotValue("proof bytes", s.proof.length);
        vm.snapshotValue("oracle code bytes", address(oracle).code.length);
        vm.snapshotValue("gateway code bytes", address(gateway).code.length);
        vm.snapshotValue("module code bytes", address(module).code.length);
    }

    function test_gas_submit() public {
        _submitOnTime(0);
        vm.snapshotGasLastCall("submit (two attestations)");
    }

    function test_gas_submitBatch() public {
        for (uint256 size = 1; size <= 8; size *= 2) {
            uint256 state = vm.snapshotState();
            Submission[] memory batch = _prefix(size);
            vm.warp(batch[size - 1].closeTime + 5);
            oracle.submitBatch(batch);
            uint256 used = vm.snapshotGasLastCall(string.concat("submitBatch of ", vm.toString(size)));
            vm.snapshotValue(string.concat("submitBatch of ", vm.toString(size), ", per round"), used / size);
            vm.revertToState(state);
        }
    }

    function test_gas_execute() public {
        uint80 id = _reach(Fixtures.find(Signal.BUY, 0));
        module.execute(id);
        vm.snapshotGasLastCall("execute (BUY)");
    }
}
