// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {CheckDeployment} from "../../scripts/CheckDeployment.s.sol";
import {Comparison} from "../../scripts/support/Comparison.sol";
import {DeploymentRecord} from "../../scripts/support/DeploymentRecord.sol";
import {Narrow} from "../../scripts/support/Narrow.sol";
import {VerifierParams} from "../../scripts/support/VerifierParams.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {Test} from "../support/Test.sol";

/// @title What the deployment check can say without a chain
/// @notice `make rehearse` alters every field against a live chain; here is what holds before any chain is asked.
contract CheckDeploymentTest is Test {
    string private constant REHEARSAL = "deployments/11155111.rehearsal.json";
    string private constant COPY = "target/test-deployment.json";

    CheckDeployment private script;

    function setUp() public {
        script = new CheckDeployment();
        vm.createDir("target", true);
    }

    function test_check_RevertWhen_OnAnotherChain() public {
        vm.expectRevert(abi.encodeWithSelector(Comparison.Differs.selector, "chainId", 31_337, 11_155_111));
        script.check(vm.readFile(REHEARSAL));
    }

    function test_check_RevertWhen_DeploymentIsBroken() public {
        string memory json = _altered("\"broken\"", ".status");
        vm.chainId(11_155_111);
        vm.expectRevert(
            abi.encodeWithSelector(
                Comparison.Differs.selector, "status", keccak256("broken"), keccak256("active")
            )
        );
        script.check(json);
    }

    function test_check_RevertWhen_NothingIsThere() public {
        vm.chainId(11_155_111);
        vm.roll(1000);
        vm.expectRevert(
            abi.encodeWithSelector(Comparison.Differs.selector, "contracts.timelock.address", 0, 1)
        );
        script.check(vm.readFile(REHEARSAL));
    }

    /// @dev A file that differs from the chain only beyond the bits of a field is another file.
    function test_check_RevertWhen_NumberHasMoreBitsThanItsField() public {
        string memory json = _altered("4294967356", ".feed.timeframe");
        vm.expectRevert(
            abi.encodeWithSelector(
                Narrow.NumberTooLarge.selector, "feed.timeframe", 4_294_967_356, type(uint32).max
            )
        );
        script.check(json);
    }

    function test_rehearsal_NamesItsStandInsAndTheCeremony() public view {
        DeploymentRecord.Record memory d = DeploymentRecord.parse(vm.readFile(REHEARSAL));
        vm.assertTrue(d.standIns, "stand-ins are labelled");
        vm.assertEq(d.srsKind, "ceremony", "no development SRS on a public chain");
        vm.assertTrue(d.moduleEnabled, "treasury wired");
        vm.assertTrue(d.owner != d.guardian, "two roles");
        vm.assertGe(d.timelockDelay, 1 days, "timelock");
    }

    function test_read_RevertWhen_DevelopmentVerifierOnPublicChain() public {
        string memory id = vm.toString(abi.encodePacked(Fixtures.modelId()));
        string memory params = vm.readFile(string.concat("contracts/verifiers/", id, "/params.json"));
        vm.createDir("target/test-development", true);
        vm.writeFile("target/test-development/params.json", params);
        vm.writeJson("\"development\"", "target/test-development/params.json", ".srs.kind");
        this.read("target/test-development");
        vm.chainId(11_155_111);
        vm.expectRevert(
            abi.encodeWithSelector(VerifierParams.DevelopmentSrsOnPublicChain.selector, 11_155_111)
        );
        this.read("target/test-development");
    }

    function test_read_RevertWhen_ModelIdIsNotTheHeadOfTheKey() public {
        bytes4 modelId = Fixtures.modelId();
        string memory id = vm.toString(abi.encodePacked(modelId));
        vm.createDir("target/test-model-id", true);
        vm.writeFile(
            "target/test-model-id/params.json",
            vm.readFile(string.concat("contracts/verifiers/", id, "/params.json"))
        );
        this.read("target/test-model-id");
        vm.writeJson("\"0x01020304\"", "target/test-model-id/params.json", ".modelId");
        vm.expectRevert(
            abi.encodeWithSelector(VerifierParams.ModelIdMismatch.selector, bytes4(0x01020304), modelId)
        );
        this.read("target/test-model-id");
    }

    function read(string calldata directory) external view {
        VerifierParams.read(directory);
    }

    function _altered(string memory value, string memory key) private returns (string memory) {
        vm.writeFile(COPY, vm.readFile(REHEARSAL));
        vm.writeJson(value, COPY, key);
        return vm.readFile(COPY);
    }
}
