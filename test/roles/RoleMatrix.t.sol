// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {DemoMarketMaker} from "../../contracts/demo/DemoMarketMaker.sol";
import {DemoPriceFeed} from "../../contracts/demo/DemoPriceFeed.sol";
import {DemoToken} from "../../contracts/demo/DemoToken.sol";
import {
    IUniswapV3FactoryActions,
    IUniswapV3PoolActions
} from "../../contracts/demo/IUniswapV3PoolActions.sol";
import {AutomationCompatibleInterface} from "../../contracts/interfaces/AutomationCompatibleInterface.sol";
import {IRebalanceModule} from "../../contracts/interfaces/IRebalanceModule.sol";
import {ISignalOracle, Signal, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {Abi} from "../support/Abi.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {AcceptingVerifier} from "../support/HostileVerifiers.sol";
import {TreasuryTest} from "../support/TreasuryTest.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Who may call what: every function that can change state, for every role
/// @notice The functions are read from the compiler's output: one that is missing in the table fails the test.
contract RoleMatrixTest is TreasuryTest {
    enum Role {
        Owner,
        Guardian,
        PendingOwner,
        Attestor,
        Submitter,
        Stranger,
        Safe,
        Module
    }

    /// @param call A call that succeeds when made by who may make it.
    /// @param allowed One bit per role.
    /// @param refusal Selector of the error that everybody else gets.
    struct Row {
        bytes call;
        uint256 allowed;
        bytes4 refusal;
    }

    uint256 private constant ROLES = 8;
    uint256 private constant NOBODY = 0;
    uint256 private constant EVERYBODY = (1 << ROLES) - 1;
    uint256 private constant OWNER = 1 << uint256(Role.Owner);
    uint256 private constant STOPPERS = OWNER | 1 << uint256(Role.Guardian);
    uint256 private constant PENDING = 1 << uint256(Role.PendingOwner);
    bytes4 private constant BROKEN_MODEL = 0xaabbccdd;
    bytes4 private constant NOT_OWNER = Ownable.OwnableUnauthorizedAccount.selector;

    address private pending = address(0x9E4D);
    address private submitter = address(0x50B1);
    uint80 private roundId;
    Row[] private rows;

    function setUp() public override {
        super.setUp();
        oracle.transferOwnership(pending);
        gateway.transferOwnership(pending);
        module.transferOwnership(pending);
        roundId = _reach(Fixtures.find(Signal.BUY, 0));
    }

    function test_gateway_EveryFunctionTimesEveryRole() public {
        AcceptingVerifier gullible = new AcceptingVerifier();
        gateway.addRoute(_route(BROKEN_MODEL, address(gullible)));
        ISignalVerifierGateway.ProvenStatement memory a = _statement();
        ISignalVerifierGateway.ProvenStatement memory b = _statement();
        b.publicInputs[18] = (b.publicInputs[18] + 1) % 3;
        bytes4 notGuardian = ISignalVerifierGateway.NotGuardian.selector;

        _row(
            abi.encodeCall(ISignalVerifierGateway.addRoute, (_route(0x11223344, address(gullible)))),
            OWNER,
            NOT_OWNER
        );
        _row(abi.encodeCall(ISignalVerifierGateway.freeze, (Fixtures.modelId())), STOPPERS, notGuardian);
        _row(abi.encodeCall(ISignalVerifierGateway.freezeByContradiction, (BROKEN_MODEL, a, b)), EVERYBODY, 0);
        _row(abi.encodeCall(ISignalVerifierGateway.setGuardian, (stranger)), OWNER, NOT_OWNER);
        _ownership(address(gateway), ISignalVerifierGateway.RenounceBlocked.selector);
        _check("SignalVerifierGateway", address(gateway));
    }

    function test_oracle_EveryFunctionTimesEveryRole() public {
        Fixtures.Proven memory s = Fixtures.round(Fixtures.find(Signal.BUY, 0) + 1);
        vm.warp(s.closeTime + 1);
        _row(abi.encodeCall(ISignalOracle.submit, (Fixtures.submission(s, _attest(s)))), EVERYBODY, 0);
        Submission[] memory batch = new Submission[](1);
        batch[0] = Fixtures.submission(s, _attest(s));
        _row(abi.encodeCall(ISignalOracle.submitBatch, (batch)), EVERYBODY, 0);
        _row(
            abi.encodeCall(ISignalOracle.reportEquivocation, (_attestation("a"), _attestation("b"))),
            EVERYBODY,
            0
        );
        _row(abi.encodeCall(ISignalOracle.setAttestors, (_addresses(keys), 3)), OWNER, NOT_OWNER);
        _row(abi.encodeCall(ISignalOracle.setMaxAge, (1200)), OWNER, NOT_OWNER);
        _ownership(address(oracle), ISignalOracle.RenounceBlocked.selector);
        _check("SignalOracle", address(oracle));
    }

    function test_module_EveryFunctionTimesEveryRole() public {
        bytes4 notGuardian = IRebalanceModule.NotGuardian.selector;
        _row(abi.encodeCall(IRebalanceModule.execute, (roundId)), EVERYBODY, 0);
        bytes memory upkeep =
            abi.encodeCall(AutomationCompatibleInterface.performUpkeep, (abi.encode(roundId)));
        _row(upkeep, EVERYBODY, 0);
        _row(abi.encodeCall(IRebalanceModule.setPolicy, (_policy())), OWNER, NOT_OWNER);
        _row(abi.encodeCall(IRebalanceModule.disableRound, (roundId)), STOPPERS, notGuardian);
        _row(abi.encodeCall(IRebalanceModule.pause, ()), STOPPERS, notGuardian);
        _row(abi.encodeCall(IRebalanceModule.unpause, ()), OWNER, NOT_OWNER);
        _row(abi.encodeCall(IRebalanceModule.shutDown, ()), STOPPERS, notGuardian);
        _row(abi.encodeCall(IRebalanceModule.setGuardian, (stranger)), OWNER, NOT_OWNER);
        _ownership(address(module), IRebalanceModule.RenounceBlocked.selector);
        _check("RebalanceModule", address(module));
    }

    function test_aggregator_NothingToCall() public {
        _check("SignalAggregatorV3", address(1));
    }

    function test_demoContracts_EveryFunctionTimesEveryRole() public {
        address pool = IUniswapV3FactoryActions(market.factory)
            .createPool(address(market.base), address(market.quote), 3000);
        DemoMarketMaker maker =
            new DemoMarketMaker(IUniswapV3PoolActions(pool), market.base, market.quote, address(this));
        bytes4 notOperator = DemoMarketMaker.NotOperator.selector;
        bytes4 notPool = DemoMarketMaker.NotPool.selector;
        _row(abi.encodeCall(DemoMarketMaker.open, (1e12, 1e8)), OWNER, notOperator);
        _row(abi.encodeCall(DemoMarketMaker.uniswapV3MintCallback, (1, 1, "")), NOBODY, notPool);
        _row(abi.encodeCall(DemoMarketMaker.uniswapV3SwapCallback, (1, 1, "")), NOBODY, notPool);
        // The same rows against the opened market, where a price can be moved.
        (, int256 price,,,) = market.feed.latestRoundData();
        Row memory move =
            Row(abi.encodeCall(DemoMarketMaker.moveTo, (uint256(price) + 1e8)), OWNER, notOperator);
        _checkCalls("moveTo", address(market.maker), move);
        rows.push(move);
        _requireComplete("DemoMarketMaker");
        rows.pop();
        _checkRows("DemoMarketMaker", address(maker));
        delete rows;

        _row(abi.encodeCall(DemoPriceFeed.set, (price)), NOBODY, DemoPriceFeed.NotOperator.selector);
        _check("DemoPriceFeed", address(market.feed));

        _row(abi.encodeCall(DemoToken.mint, (stranger, 1)), EVERYBODY, 0);
        _row(abi.encodeCall(IERC20.approve, (stranger, 1)), EVERYBODY, 0);
        _row(abi.encodeCall(IERC20.transfer, (stranger, 0)), EVERYBODY, 0);
        _row(abi.encodeCall(IERC20.transferFrom, (stranger, submitter, 0)), EVERYBODY, 0);
        _check("DemoToken", address(market.base));
    }

    function _ownership(address target, bytes4 renounceBlocked) private {
        _row(abi.encodeCall(Ownable.transferOwnership, (stranger)), OWNER, NOT_OWNER);
        _row(abi.encodeCall(Ownable2Step.acceptOwnership, ()), PENDING, NOT_OWNER);
        // Declared pure, so no function that could change state; refused all the same.
        _checkCalls(
            "renounceOwnership",
            target,
            Row(abi.encodeCall(Ownable.renounceOwnership, ()), NOBODY, renounceBlocked)
        );
    }

    function _row(bytes memory call, uint256 allowed, bytes4 refusal) private {
        rows.push(Row(call, allowed, refusal));
    }

    function _check(string memory name, address target) private {
        _requireComplete(name);
        _checkRows(name, target);
        delete rows;
    }

    /// @dev Table and compiler's output name the same functions.
    function _requireComplete(string memory name) private view {
        string[] memory functions = Abi.stateChanging(name);
        for (uint256 i = 0; i < functions.length; ++i) {
            bytes4 selector = bytes4(keccak256(bytes(functions[i])));
            bool found = false;
            for (uint256 j = 0; j < rows.length && !found; ++j) {
                found = bytes4(rows[j].call) == selector;
            }
            vm.assertTrue(found, string.concat("not in the table: ", name, ".", functions[i]));
        }
        vm.assertEq(functions.length, rows.length, "a row too many");
    }

    function _checkRows(string memory name, address target) private {
        for (uint256 i = 0; i < rows.length; ++i) {
            _checkCalls(string.concat(name, " row ", vm.toString(i)), target, rows[i]);
        }
    }

    function _checkCalls(string memory name, address target, Row memory row) private {
        for (uint256 role = 0; role < ROLES; ++role) {
            string memory where = string.concat(name, " role ", vm.toString(role));
            uint256 state = vm.snapshotState();
            vm.prank(_account(Role(role)));
            (bool done, bytes memory answer) = target.call(row.call);
            if (row.allowed >> role & 1 == 1) {
                vm.assertTrue(done, string.concat(where, " may"));
            } else {
                vm.assertFalse(done, string.concat(where, " may not"));
                vm.assertEq(bytes32(bytes4(answer)), bytes32(row.refusal), string.concat(where, " refusal"));
            }
            vm.revertToState(state);
        }
    }

    function _account(Role role) private view returns (address) {
        if (role == Role.Owner) return address(this);
        if (role == Role.Guardian) return guardian;
        if (role == Role.PendingOwner) return pending;
        if (role == Role.Attestor) return vm.addr(keys[0]);
        if (role == Role.Submitter) return submitter;
        if (role == Role.Safe) return market.safe;
        if (role == Role.Module) return address(module);
        return stranger;
    }

    function _statement() private view returns (ISignalVerifierGateway.ProvenStatement memory) {
        Fixtures.Proven memory s = Fixtures.round(0);
        return ISignalVerifierGateway.ProvenStatement(s.publicInputs, s.proof);
    }

    function _attestation(bytes32 inputs) private view returns (ISignalOracle.Attestation memory) {
        return ISignalOracle.Attestation({
            closeTime: 600,
            lastCloseE8: 100,
            inputsDigest: inputs,
            signature: _sign(keys[0], oracle.attestationDigest(600, 100, inputs))
        });
    }
}
