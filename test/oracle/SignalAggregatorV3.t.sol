// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {SignalAggregatorV3} from "../../contracts/oracle/SignalAggregatorV3.sol";
import {Test} from "../support/Test.sol";

/// @title What the adapter asks of its deployer
contract SignalAggregatorV3Test is Test {
    function test_constructor_RevertWhen_OracleIsZero() public {
        vm.expectRevert(ISignalOracle.ZeroAddress.selector);
        new SignalAggregatorV3(ISignalOracle(address(0)));
    }
}
