// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {Feed, Submission} from "../../contracts/interfaces/ISignalOracle.sol";
import {ISignalVerifierGateway} from "../../contracts/interfaces/ISignalVerifierGateway.sol";
import {SignalVerifierGateway} from "../../contracts/oracle/SignalVerifierGateway.sol";
import {Artifacts} from "../../scripts/support/Artifacts.sol";
import {IDeployedOracle, OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {Fixtures} from "./Fixtures.sol";
import {Test} from "./Test.sol";

/// @title An oracle with the generated verifier, ready for the fixture proofs
/// @notice Three attestors, two needed; the test contract owns everything.
abstract contract OracleTest is Test {
    /// @dev Order of the BN254 group: the modulus of public inputs.
    uint256 internal constant R =
        21_888_242_871_839_275_222_246_405_745_257_275_088_548_364_400_416_034_343_698_204_186_575_808_495_617;
    bytes32 internal constant SYMBOL = "BTC/USDT";
    uint32 internal constant MAX_AGE = 600;
    /// @dev A point off the curve makes its precompile burn all it is given: give what a caller would.
    uint256 internal constant ENOUGH = 1_000_000;

    /// @dev Modulus of its points' coordinates.
    uint256 internal constant Q =
        21_888_242_871_839_275_222_246_405_745_257_275_088_696_311_157_297_823_662_689_037_894_645_226_208_583;

    address internal guardian = address(0x6A2D);
    address internal stranger = address(0x57A6);
    /// @dev Private keys in ascending order of their addresses.
    uint256[] internal keys;
    address internal verifier;
    SignalVerifierGateway internal gateway;
    IDeployedOracle internal oracle;

    function setUp() public virtual {
        keys = _sortedKeys(3);
        verifier = Artifacts.create("verifier", Fixtures.verifierCode());
        gateway = new SignalVerifierGateway(address(this), guardian, _routes(Fixtures.modelId(), verifier));
        oracle = IDeployedOracle(Fixtures.oracle());
        deployCodeTo(
            OracleArtifact.initCode(gateway, _feed(), address(this), _addresses(keys), 2), address(oracle)
        );
        vm.warp(Fixtures.round(0).closeTime + 5);
    }

    /// @dev Submits with the first two attestors' signatures.
    function _submit(Fixtures.Proven memory s) internal returns (uint80) {
        return _submit(s, _attest(s));
    }

    function _submit(Fixtures.Proven memory s, bytes memory attestations) internal returns (uint80) {
        return oracle.submit{gas: ENOUGH}(Fixtures.submission(s, attestations));
    }

    /// @dev Warps to just after the close and submits.
    function _submitOnTime(uint256 index) internal returns (uint80) {
        Fixtures.Proven memory s = Fixtures.round(index);
        vm.warp(s.closeTime + 5);
        return _submit(s);
    }

    /// @dev The first rounds with their attestations.
    function _prefix(uint256 count) internal view returns (Submission[] memory batch) {
        batch = new Submission[](count);
        for (uint256 i = 0; i < count; ++i) {
            Fixtures.Proven memory s = Fixtures.round(i);
            batch[i] = Fixtures.submission(s, _attest(s));
        }
    }

    function _attest(Fixtures.Proven memory s) internal view returns (bytes memory) {
        bytes32 digest = oracle.attestationDigest(s.closeTime, s.lastCloseE8, _inputsDigest(s.publicInputs));
        return bytes.concat(_sign(keys[0], digest), _sign(keys[1], digest));
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Independent of the contract: every word but the first and the last two.
    function _inputsDigest(uint256[] memory inputs) internal pure returns (bytes32) {
        bytes memory packed;
        for (uint256 i = 1; i < inputs.length - 2; ++i) {
            packed = bytes.concat(packed, bytes32(inputs[i]));
        }
        return keccak256(packed);
    }

    function _routes(bytes4 modelId, address to)
        internal
        view
        returns (ISignalVerifierGateway.RouteConfig[] memory routes)
    {
        routes = new ISignalVerifierGateway.RouteConfig[](1);
        routes[0] = _route(modelId, to);
    }

    function _route(bytes4 modelId, address to)
        internal
        view
        returns (ISignalVerifierGateway.RouteConfig memory)
    {
        return ISignalVerifierGateway.RouteConfig({
            modelId: modelId,
            verifier: to,
            proofLength: uint32(Fixtures.round(0).proof.length),
            schema: _schema(),
            codehash: to.codehash
        });
    }

    function _schema() internal pure returns (ISignalVerifierGateway.Schema memory) {
        return ISignalVerifierGateway.Schema({windowValues: 496, classes: 3, timeframe: 60});
    }

    function _feed() internal pure returns (Feed memory) {
        return Feed({symbol: SYMBOL, timeframe: 60, windowValues: 496, classes: 3, maxAge: MAX_AGE});
    }

    function _addresses(uint256[] memory keys_) internal pure returns (address[] memory list) {
        list = new address[](keys_.length);
        for (uint256 i = 0; i < keys_.length; ++i) {
            list[i] = vm.addr(keys_[i]);
        }
    }

    /// @dev Mirrors the last opening point, which stands before the proof's last word: still on the curve, and part of
    /// no challenge, so that `accumulate` takes it and only the pairing can refuse it.
    function _mirrorLastPoint(bytes memory proof) internal pure {
        assembly ("memory-safe") {
            let y := add(proof, sub(mload(proof), 0x20))
            mstore(y, sub(Q, mload(y)))
        }
    }

    /// @dev Keys whose addresses ascend.
    function _sortedKeys(uint256 count) internal pure returns (uint256[] memory list) {
        list = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode("attestor", i)));
            uint256 j = i;
            for (; j > 0 && vm.addr(list[j - 1]) > vm.addr(key); --j) {
                list[j] = list[j - 1];
            }
            list[j] = key;
        }
    }
}
