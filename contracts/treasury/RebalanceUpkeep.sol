// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {AutomationCompatibleInterface} from "../interfaces/AutomationCompatibleInterface.sol";
import {IRebalanceModule} from "../interfaces/IRebalanceModule.sol";
import {RebalancePlanner} from "./RebalancePlanner.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title The treasury as keepers see it
/// @notice Work is due when the latest round passes every guard. The keeper is trusted with nothing: performing is
/// executing, with all guards.
abstract contract RebalanceUpkeep is RebalancePlanner, AutomationCompatibleInterface, IERC165 {
    uint256 private constant PERFORM_DATA_LENGTH = 32;

    /// @inheritdoc AutomationCompatibleInterface
    /// @dev Looks at the latest round whatever `checkData` says. The answer covers the guards, not the swap: a pool
    /// that is off in the very moment still makes `performUpkeep` revert.
    function checkUpkeep(bytes calldata) external view returns (bool upkeepNeeded, bytes memory performData) {
        uint80 latest = oracle.latestRoundId();
        upkeepNeeded = _plan(latest).guard == Guard.None;
        performData = abi.encode(latest);
    }

    /// @inheritdoc AutomationCompatibleInterface
    function performUpkeep(bytes calldata performData) external {
        if (performData.length != PERFORM_DATA_LENGTH) {
            revert PerformDataLength(performData.length, PERFORM_DATA_LENGTH);
        }
        uint256 word = abi.decode(performData, (uint256));
        if (word > type(uint80).max) revert PerformDataOutOfRange(word, type(uint80).max);
        _execute(uint80(word));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IRebalanceModule).interfaceId
            || interfaceId == type(AutomationCompatibleInterface).interfaceId
            || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev The one way to a trade.
    function _execute(uint80 roundId) internal virtual returns (uint256 amountOut);
}
