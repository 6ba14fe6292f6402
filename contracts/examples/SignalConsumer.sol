// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle, Round, Signal} from "../interfaces/ISignalOracle.sol";

/// @title EXAMPLE: lets something happen once per fresh BUY
/// @notice Copy it and replace `_onBuy`. docs/integrating.md says why each line is there.
abstract contract SignalConsumer {
    ISignalOracle public immutable oracle;
    bytes4 public immutable modelId;
    uint64 public immutable maxAge;
    uint64 public lastCloseUsed;

    error WrongModel(bytes4 got, bytes4 want);
    error AlreadyUsed(uint64 closeTime);
    error NotABuy(Signal got);

    constructor(ISignalOracle oracle_, bytes4 modelId_, uint64 maxAge_) {
        (oracle, modelId, maxAge) = (oracle_, modelId_, maxAge_);
    }

    function act() external {
        // Reverts when there is no round, when it is older than maxAge, or when its model has been frozen.
        Round memory latest = oracle.signalNoOlderThan(maxAge);
        // Governance may route a second model: believe the one whose model card was read.
        if (latest.modelId != modelId) revert WrongModel(latest.modelId, modelId);
        if (latest.closeTime <= lastCloseUsed) revert AlreadyUsed(latest.closeTime);
        if (Signal(latest.class) != Signal.BUY) revert NotABuy(Signal(latest.class));
        lastCloseUsed = latest.closeTime;
        _onBuy(latest.lastCloseE8);
    }

    /// @param lastCloseE8 What the market cost when the window closed; compare with an independent price feed.
    function _onBuy(int64 lastCloseE8) internal virtual;
}
