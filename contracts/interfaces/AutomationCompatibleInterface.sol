// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

/// @title What Chainlink Automation calls of a contract that it keeps
/// @notice Declared here to the letter (names and types are Chainlink's), so that no dependency is needed for two
/// functions.
interface AutomationCompatibleInterface {
    /// @notice Asked by the keepers off chain, every block.
    /// @param checkData What was registered with the upkeep.
    /// @return upkeepNeeded Whether `performUpkeep` should be sent now.
    /// @return performData What to send it with.
    function checkUpkeep(bytes calldata checkData)
        external
        returns (bool upkeepNeeded, bytes memory performData);

    /// @notice Sent by a keeper when `checkUpkeep` asked for it. Anyone else can send anything at any time: an
    /// implementation must check its conditions again.
    /// @param performData What `checkUpkeep` answered, or whatever a stranger made up.
    function performUpkeep(bytes calldata performData) external;
}
