// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {DemoToken} from "../../contracts/demo/DemoToken.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";

/// @dev Test double with ERC-777's habit of calling somebody in the middle of a transfer, here the treasury's module;
/// it can also shrink balances as it goes, refuse accounts, and answer `approve` with what it likes.
contract HookToken is DemoToken {
    IRebalanceModule public module;
    uint80 public roundId;
    bool public insists;
    bool public armed;
    uint256 public shrink;
    address public refused;
    bytes public approval = abi.encode(true);

    bool public reentered;
    IRebalanceModule.Guard public seenGuard;

    error Refused(address account);

    constructor(uint8 decimals_) DemoToken("Hook", "HOOK", decimals_) {}

    /// @param insists_ Whether a failed call fails the transfer.
    function arm(IRebalanceModule module_, uint80 roundId_, bool insists_) external {
        (module, roundId, insists, armed) = (module_, roundId_, insists_, true);
    }

    function setShrink(uint256 amount) external {
        shrink = amount;
    }

    function refuse(address account) external {
        refused = account;
    }

    function answerApprovalWith(bytes calldata answer) external {
        approval = answer;
    }

    function approve(address spender, uint256 amount) public override returns (bool) {
        super.approve(spender, amount);
        bytes memory answer = approval;
        assembly ("memory-safe") { return(add(answer, 0x20), mload(answer)) }
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (refused != address(0) && (from == refused || to == refused)) revert Refused(refused);
        super._update(from, to, amount);
        if (from == address(0) || to == address(0)) return;
        if (shrink != 0) super._update(from, address(0xdead), shrink);
        if (!armed) return;
        seenGuard = module.preview(roundId).guard;
        try module.execute(roundId) {
            reentered = true;
        } catch (bytes memory problem) {
            if (!insists) return;
            assembly ("memory-safe") { revert(add(problem, 0x20), mload(problem)) }
        }
    }
}
