// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.37;

import {ISignalOracle} from "../../contracts/interfaces/ISignalOracle.sol";
import {IDeployedOracle} from "../../scripts/support/OracleArtifact.sol";
import {OracleArtifact} from "../../scripts/support/OracleArtifact.sol";
import {Fixtures} from "../support/Fixtures.sol";
import {OracleTest} from "../support/OracleTest.sol";

/// @title A valid proof over invented candles must not pass
contract SignalOracleQuorumTest is OracleTest {
    uint256 private constant SECP256K1_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function test_submit_RevertWhen_FabricatedInputsWithoutAttestations() public {
        Fixtures.Proven memory s = Fixtures.fabricated(0);
        vm.warp(s.closeTime + 5);
        // The proof itself is good: only the quorum stands between it and a round.
        gateway.verify(s.modelId, _schema(), s.publicInputs, s.proof);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongAttestationsLength.selector, 0, 130));
        _submit(s, "");
    }

    function test_submit_RevertWhen_FabricatedInputsOneAttestationShort() public {
        Fixtures.Proven memory s = Fixtures.fabricated(0);
        vm.warp(s.closeTime + 5);
        bytes memory one = _sign(keys[0], _digest(s));
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongAttestationsLength.selector, 65, 130));
        _submit(s, one);
    }

    function test_submit_RevertWhen_FabricatedInputsUnderHonestAttestations() public {
        Fixtures.Proven memory s = Fixtures.fabricated(1);
        Fixtures.Proven memory honest = Fixtures.round(0);
        vm.warp(s.closeTime + 5);
        // What the attestors signed for the market's window of the same minute.
        bytes32 digest =
            oracle.attestationDigest(s.closeTime, s.lastCloseE8, _inputsDigest(honest.publicInputs));
        bytes memory attestations = bytes.concat(_sign(keys[0], digest), _sign(keys[1], digest));
        _expectNoQuorum(s, attestations);
    }

    /// @dev Where the trust lies: a quorum that signs invented candles is believed. Two of them for one close, though,
    /// are an equivocation, and only the first becomes a round.
    function test_submit_FabricatedInputsUnderAFullQuorum_IsWhatTheQuorumVouchedFor() public {
        Fixtures.Proven memory honest = Fixtures.round(0);
        Fixtures.Proven memory invented = Fixtures.fabricated(0);
        vm.assertEq(uint256(invented.closeTime), honest.closeTime, "the same minute");
        uint256 state = vm.snapshotState();
        _submit(invented);
        vm.revertToState(state);

        _submit(honest);
        bytes memory attestations = _attest(invented);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.CloseTimeNotAfterLatest.selector, invented.closeTime, honest.closeTime
            )
        );
        _submit(invented, attestations);

        oracle.reportEquivocation(_word(keys[0], honest), _word(keys[0], invented));
        vm.assertTrue(oracle.isBanned(vm.addr(keys[0])), "and whoever signed both is out");
    }

    function test_submit_RevertWhen_FabricatedInputsSignedByStrangers() public {
        Fixtures.Proven memory s = Fixtures.fabricated(0);
        vm.warp(s.closeTime + 5);
        bytes32 digest = _digest(s);
        (uint256 a, uint256 b) = (0xA11CE, 0xB0B);
        if (vm.addr(a) > vm.addr(b)) (a, b) = (b, a);
        bytes memory attestations = bytes.concat(_sign(a, digest), _sign(b, digest));
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.NotAttestor.selector, vm.addr(a)));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_OneSignerIsNoAttestor() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 digest = _digest(s);
        uint256 intruder = 0xA11CE;
        bool first = vm.addr(intruder) < vm.addr(keys[0]);
        bytes memory attestations = first
            ? bytes.concat(_sign(intruder, digest), _sign(keys[0], digest))
            : bytes.concat(_sign(keys[0], digest), _sign(intruder, digest));
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.NotAttestor.selector, vm.addr(intruder)));
        _submit(s, attestations);
    }

    function test_submit_EveryPairOfAttestors_IsAccepted() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 digest = _digest(s);
        for (uint256 skip = 0; skip < 3; ++skip) {
            uint256 state = vm.snapshotState();
            uint256 a = skip == 0 ? 1 : 0;
            uint256 b = skip == 2 ? 1 : 2;
            _submit(s, bytes.concat(_sign(keys[a], digest), _sign(keys[b], digest)));
            vm.revertToState(state);
        }
    }

    function test_submit_RevertWhen_SameAttestorTwice() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory one = _sign(keys[0], _digest(s));
        address signer = vm.addr(keys[0]);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.SignersNotAscending.selector, 1, signer, signer));
        _submit(s, bytes.concat(one, one));
    }

    function test_submit_RevertWhen_SignersUnsorted() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 digest = _digest(s);
        bytes memory attestations = bytes.concat(_sign(keys[1], digest), _sign(keys[0], digest));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISignalOracle.SignersNotAscending.selector, 1, vm.addr(keys[0]), vm.addr(keys[1])
            )
        );
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_SignatureHasHighS() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 digest = _digest(s);
        (uint8 v, bytes32 r, bytes32 low) = vm.sign(keys[0], digest);
        bytes memory high = abi.encodePacked(r, SECP256K1_N - uint256(low), v == 27 ? uint8(28) : uint8(27));
        bytes memory attestations = bytes.concat(high, _sign(keys[1], digest));
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.MalformedSignature.selector, 0));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_VIsZeroOrOne() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 digest = _digest(s);
        (uint8 v, bytes32 r, bytes32 low) = vm.sign(keys[0], digest);
        bytes memory attestations = bytes.concat(abi.encodePacked(r, low, v - 27), _sign(keys[1], digest));
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.MalformedSignature.selector, 0));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_SignatureRecoversToZero() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = bytes.concat(new bytes(65), _sign(keys[1], _digest(s)));
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.MalformedSignature.selector, 0));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_CompactSignatures() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongAttestationsLength.selector, 128, 130));
        _submit(s, new bytes(128));
    }

    function test_submit_RevertWhen_TrailingBytesOrExtraSignature() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongAttestationsLength.selector, 131, 130));
        _submit(s, bytes.concat(attestations, hex"00"));
        bytes memory third = _sign(keys[2], _digest(s));
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongAttestationsLength.selector, 195, 130));
        _submit(s, bytes.concat(attestations, third));
    }

    function test_submit_RevertWhen_AttestedForAnotherChain() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        vm.chainId(1);
        bytes memory attestations = _attest(s);
        vm.chainId(31_337);
        _expectNoQuorum(s, attestations);
    }

    function test_submit_RevertWhen_AttestedForAnotherOracle() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        IDeployedOracle ours = oracle;
        oracle = OracleArtifact.create(gateway, _feed(), address(this), _addresses(keys), 2);
        bytes memory attestations = _attest(s);
        oracle = ours;
        _expectNoQuorum(s, attestations);
    }

    function test_submit_RevertWhen_AttestedForAnotherSymbolOrTimeframe() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 inputs = _inputsDigest(s.publicInputs);
        _expectNoQuorum(s, _signPair(_windowDigest("ETH/USDT", 60, s.closeTime, s.lastCloseE8, inputs)));
        _expectNoQuorum(s, _signPair(_windowDigest(SYMBOL, 300, s.closeTime, s.lastCloseE8, inputs)));
        // The same recipe with the right fields is what the oracle wants.
        _submit(s, _signPair(_windowDigest(SYMBOL, 60, s.closeTime, s.lastCloseE8, inputs)));
    }

    function test_submit_RevertWhen_AttestedForAnotherCloseOrPriceOrInputs() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes32 inputs = _inputsDigest(s.publicInputs);
        _expectNoQuorum(s, _signPair(_windowDigest(SYMBOL, 60, s.closeTime + 60, s.lastCloseE8, inputs)));
        _expectNoQuorum(s, _signPair(_windowDigest(SYMBOL, 60, s.closeTime, s.lastCloseE8 + 1, inputs)));
        _expectNoQuorum(
            s, _signPair(_windowDigest(SYMBOL, 60, s.closeTime, s.lastCloseE8, inputs ^ bytes32(uint256(1))))
        );
    }

    function test_submit_RevertWhen_AttestorWasRemoved() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        address[] memory left = new address[](2);
        (left[0], left[1]) = (vm.addr(keys[1]), vm.addr(keys[2]));
        oracle.setAttestors(left, 2);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.NotAttestor.selector, vm.addr(keys[0])));
        _submit(s, attestations);
    }

    function test_submit_RevertWhen_ThresholdWasRaised() public {
        Fixtures.Proven memory s = Fixtures.round(0);
        bytes memory attestations = _attest(s);
        oracle.setAttestors(_addresses(keys), 3);
        vm.expectRevert(abi.encodeWithSelector(ISignalOracle.WrongAttestationsLength.selector, 130, 195));
        _submit(s, attestations);
    }

    /// @dev A signature over anything else recovers to a stranger: not an attestor, or out of order.
    function _expectNoQuorum(Fixtures.Proven memory s, bytes memory attestations) private {
        (bool ok, bytes memory reason) = oracle.isAcceptable(Fixtures.submission(s, attestations));
        vm.assertFalse(ok, "no quorum");
        bytes4 selector = bytes4(reason);
        vm.assertTrue(
            selector == ISignalOracle.NotAttestor.selector
                || selector == ISignalOracle.SignersNotAscending.selector,
            "refused for its signers"
        );
        vm.expectRevert(reason);
        _submit(s, attestations);
    }

    function _word(uint256 key, Fixtures.Proven memory s)
        private
        view
        returns (ISignalOracle.Attestation memory)
    {
        return ISignalOracle.Attestation({
            closeTime: s.closeTime,
            lastCloseE8: s.lastCloseE8,
            inputsDigest: _inputsDigest(s.publicInputs),
            signature: _sign(key, _digest(s))
        });
    }

    function _digest(Fixtures.Proven memory s) private view returns (bytes32) {
        return oracle.attestationDigest(s.closeTime, s.lastCloseE8, _inputsDigest(s.publicInputs));
    }

    function _signPair(bytes32 digest) private view returns (bytes memory) {
        return bytes.concat(_sign(keys[0], digest), _sign(keys[1], digest));
    }

    /// @dev EIP-712 written out independently of the contract.
    function _windowDigest(bytes32 symbol, uint32 timeframe, uint64 closeTime, int64 close, bytes32 inputs)
        private
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("VeriRegime"),
                keccak256("1"),
                block.chainid,
                address(oracle)
            )
        );
        bytes32 window = keccak256(
            abi.encode(
                keccak256(
                    "Window(bytes32 symbol,uint32 timeframe,uint64 closeTime,int64 lastCloseE8,bytes32 inputsDigest)"
                ),
                symbol,
                timeframe,
                closeTime,
                close,
                inputs
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, window));
    }
}
