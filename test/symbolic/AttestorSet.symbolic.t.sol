// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {Artifacts} from "../../scripts/support/Artifacts.sol";
import {Test} from "../support/Test.sol";

/// @title Which sets of three attestors are accepted, for every address and threshold
/// @notice Proved by `make analyse`, not run by forge.
contract AttestorSetSymbolic is Test {
    /// @dev Where `make analyse` builds; halmos finds no other name.
    string private constant ARTIFACT = "target/symbolic/out/SignalOracle.sol/SignalOracle.json";

    ISignalOracle private oracle;

    function setUp() public {
        address[] memory first = new address[](2);
        (first[0], first[1]) = (address(0x1001), address(0x1002));
        Feed memory feed =
            Feed({symbol: "BTC/USDT", timeframe: 60, windowValues: 496, classes: 3, maxAge: 600});
        ISignalVerifierGateway gateway = ISignalVerifierGateway(address(0x6A7E));
        bytes memory arguments = abi.encode(gateway, feed, address(this), first, uint8(2));
        oracle = ISignalOracle(Artifacts.create("oracle", bytes.concat(vm.getCode(ARTIFACT), arguments)));
    }

    function check_setAttestors_AcceptsExactlyAscendingSetsWithAQuorum(
        address[3] memory next,
        uint8 threshold
    ) external {
        bool ascending = next[0] != address(0) && next[0] < next[1] && next[1] < next[2];
        bool expected = ascending && threshold != 0 && threshold <= 3;
        try oracle.setAttestors(_list(next), threshold) {
            vm.assertTrue(expected, "nothing else is accepted");
            _assertSet(next, threshold);
        } catch {
            vm.assertTrue(!expected, "nothing well-formed is refused");
            vm.assertTrue(oracle.threshold() == 2 && oracle.attestors().length == 2, "unchanged");
        }
    }

    /// @dev The new ones count, of the old ones only those that are among the new.
    function _assertSet(address[3] memory next, uint8 threshold) private view {
        address[] memory stored = oracle.attestors();
        vm.assertTrue(stored.length == 3 && oracle.threshold() == threshold, "as given");
        bool keepsFirst = false;
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertTrue(stored[i] == next[i] && oracle.isAttestor(next[i]), "each is in");
            keepsFirst = keepsFirst || next[i] == address(0x1001);
        }
        vm.assertTrue(oracle.isAttestor(address(0x1001)) == keepsFirst, "who was not named is out");
    }

    function _list(address[3] memory next) private pure returns (address[] memory list) {
        list = new address[](3);
        (list[0], list[1], list[2]) = (next[0], next[1], next[2]);
    }
}
