// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from a verifying key by `veriregime setup`; never edited.
//
//   model id       0x820649ef
//   key digest     0x820649ef4a195eadbe5445554c8b1e1462ca2b4b9ab511250a4103ef335e2ccf
//   SRS            ceremony (SHA-256 of its points 0xaed0791bbecb321c23738d05ae8db5224dbc4318c4c42d33c0119596792e761d)
//   network        496 inputs, 2 classes
//   public inputs  19 words: binding, packed inputs, packed logits, class
//   circuit        2^14 rows, degree 3; 2 advice, 3 fixed, 1 permutation columns, 0 lookups
//   proof          864 bytes: 8 points, 10 evaluations, inverse of the denominators
pragma solidity ^0.8.28;

/// @title Verifier of one model's inferences (Halo2-KZG, SHPLONK, Keccak transcript).
/// @notice Accepts exactly the valid proofs under the key above and reverts on anything else.
contract Verifier {
    /// Calldata is not the canonical encoding of the function's arguments.
    error MalformedCalldata();
    /// A scalar is not below the modulus, a point is invalid, or a proof does not hold.
    error ProofRejected();

    /// @param publicInputs The statement: 19 words, each below the scalar modulus.
    /// @param proof The proof: 864 bytes.
    /// @return Always true; anything but a valid proof reverts.
    function verify(uint256[] calldata publicInputs, bytes calldata proof) external view returns (bool) {
        publicInputs;
        proof;
        _combine();

        // e(P, G2) e(-W_2, tau G2) = 1
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let ok := 1
            calldatacopy(0x100, 1508, 0x40)
            mstore(0x80, 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(0xa0, 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(0xc0, 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(0xe0, 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(0x140, 0x172aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b)
            mstore(0x160, 0x2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600)
            mstore(0x180, 0x1754a9fc3b7e4da9197c283c7401773208190c5555caf254e644e99c29366704)
            mstore(0x1a0, 0x1459fe6cc8a1222fd4290864ff9e47d4b8cf7a403593c7107c39538ddefd857e)
            mstore(0x120, sub(0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47, mload(0x120)))
            ok := and(staticcall(600000, 8, 0x40, 0x180, 0, 0x20), ok)
            if iszero(and(ok, eq(mload(0), 1))) {
                mstore(0, 0xc3b0d8cd) // ProofRejected()
                revert(28, 4)
            }
            mstore(0x0, 1)
            return(0, 0x20)
        }
    }

    /// @notice All of `verify` but the pairing: the proof is valid if and only if `decide` accepts the accumulator.
    /// @return P and W as x, y, x, y.
    function accumulate(uint256[] calldata publicInputs, bytes calldata proof)
        external
        view
        returns (uint256[4] memory)
    {
        publicInputs;
        proof;
        _combine();

        // P, W_2
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0x80, 1508, 0x40)
            return(0x40, 0x80)
        }
    }

    /// @notice Decides accumulators together. It knows nothing of where they come from: ask `accumulate` for them in
    /// the same transaction.
    /// @return Always true; reverts when there is none or one of them does not hold.
    function decide(uint256[4][] calldata accumulators) external view returns (bool) {
        accumulators;

        // Calldata is exactly the canonical encoding of one accumulator or more.
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            let count := calldataload(36)
            let ok := eq(calldataload(4), 32)
            ok := and(ok, and(gt(count, 0), lt(count, 0x10000)))
            ok := and(ok, eq(calldatasize(), add(68, mul(count, 128))))
            if iszero(ok) {
                mstore(0, 0x59170bf0) // MalformedCalldata()
                revert(28, 4)
            }
        }

        // Sums of P and W by powers of a challenge from all of them, highest power first
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let ok := 1
            let size := sub(calldatasize(), 68)
            calldatacopy(0, 68, size)
            let c := mod(keccak256(0, size), r)
            let at := sub(calldatasize(), 128)
            calldatacopy(0x40, at, 0x40)
            calldatacopy(0x100, add(at, 0x40), 0x40)
            for {} gt(at, 68) {} {
                at := sub(at, 128)
                calldatacopy(0x0, at, 0x40)
            mstore(0x80, c)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
                calldatacopy(0xc0, add(at, 0x40), 0x40)
            mstore(0x140, c)
            ok := and(staticcall(2000, 6, 0xc0, 0x80, 0x100, 0x40), and(staticcall(40000, 7, 0x100, 0x60, 0x100, 0x40), ok))
            }
            mstore(0x80, 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(0xa0, 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(0xc0, 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(0xe0, 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(0x140, 0x172aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b)
            mstore(0x160, 0x2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600)
            mstore(0x180, 0x1754a9fc3b7e4da9197c283c7401773208190c5555caf254e644e99c29366704)
            mstore(0x1a0, 0x1459fe6cc8a1222fd4290864ff9e47d4b8cf7a403593c7107c39538ddefd857e)
            mstore(0x120, sub(0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47, mload(0x120)))
            ok := and(staticcall(600000, 8, 0x40, 0x180, 0, 0x20), ok)
            if iszero(and(ok, eq(mload(0), 1))) {
                mstore(0, 0xc3b0d8cd) // ProofRejected()
                revert(28, 4)
            }
            mstore(0x0, 1)
            return(0, 0x20)
        }
    }

    /// @dev Leaves the accumulator's P in memory. Calldata offsets are those of the canonical encoding of `verify`'s
    /// and `accumulate`'s arguments: inputs at 100, proof at 740. Blocks pass words to each other at fixed places
    /// of memory, which is all theirs: the functions that call this return by assembly.
    function _combine() private view {

        // Calldata is exactly the canonical encoding.
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            let ok := eq(calldatasize(), 1604)
            ok := and(ok, eq(calldataload(4), 64))
            ok := and(ok, eq(calldataload(36), 704))
            ok := and(ok, eq(calldataload(68), 19))
            ok := and(ok, eq(calldataload(708), 864))
            if iszero(ok) {
                mstore(0, 0x59170bf0) // MalformedCalldata()
                revert(28, 4)
            }
        }

        // Every scalar is below r and no point is (0, 0).
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            // Coordinates below q and points on the curve are left to the precompiles, which refuse others.
            let ok := 1
            ok := and(lt(calldataload(100), r), and(lt(calldataload(132), r), and(lt(calldataload(164), r), and(lt(calldataload(196), r), ok))))
            ok := and(lt(calldataload(228), r), and(lt(calldataload(260), r), and(lt(calldataload(292), r), and(lt(calldataload(324), r), ok))))
            ok := and(lt(calldataload(356), r), and(lt(calldataload(388), r), and(lt(calldataload(420), r), and(lt(calldataload(452), r), ok))))
            ok := and(lt(calldataload(484), r), and(lt(calldataload(516), r), and(lt(calldataload(548), r), and(lt(calldataload(580), r), ok))))
            ok := and(lt(calldataload(612), r), and(lt(calldataload(644), r), and(lt(calldataload(676), r), and(lt(calldataload(1124), r), ok))))
            ok := and(lt(calldataload(1156), r), and(lt(calldataload(1188), r), and(lt(calldataload(1220), r), and(lt(calldataload(1252), r), ok))))
            ok := and(lt(calldataload(1284), r), and(lt(calldataload(1316), r), and(lt(calldataload(1348), r), and(lt(calldataload(1380), r), ok))))
            ok := and(lt(calldataload(1412), r), and(lt(calldataload(1572), r), and(gt(calldataload(772), 0), and(gt(calldataload(836), 0), ok))))
            ok := and(gt(calldataload(900), 0), and(gt(calldataload(964), 0), and(gt(calldataload(1028), 0), and(gt(calldataload(1092), 0), ok))))
            ok := and(gt(calldataload(1476), 0), and(gt(calldataload(1540), 0), ok))
            if iszero(ok) {
                mstore(0, 0xc3b0d8cd) // ProofRejected()
                revert(28, 4)
            }
        }

        // Transcript: key digest, public inputs with zeros between them, the proof; theta, beta, gamma, y, x, y, v, u.
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            mstore(0x640, 0x23b2d0bbd5d8cdb80d13de9e02651e65cd666e731923d2d35cc5b66201058bab)
            mstore(0x660, calldataload(100))
            mstore(0x6a0, calldataload(132))
            mstore(0x6e0, calldataload(164))
            mstore(0x720, calldataload(196))
            mstore(0x760, calldataload(228))
            mstore(0x7a0, calldataload(260))
            mstore(0x7e0, calldataload(292))
            mstore(0x820, calldataload(324))
            mstore(0x860, calldataload(356))
            mstore(0x8a0, calldataload(388))
            mstore(0x8e0, calldataload(420))
            mstore(0x920, calldataload(452))
            mstore(0x960, calldataload(484))
            mstore(0x9a0, calldataload(516))
            mstore(0x9e0, calldataload(548))
            mstore(0xa20, calldataload(580))
            mstore(0xa60, calldataload(612))
            mstore(0xaa0, calldataload(644))
            mstore(0xae0, calldataload(676))
            calldatacopy(0xb00, 740, 128)
            let hash := keccak256(0x640, 1344)
            mstore(0x640, hash)
            mstore8(0x660, 1)
            hash := keccak256(0x640, 33)
            mstore(0x640, hash)
            mstore(0x260, mod(hash, r))
            mstore8(0x660, 1)
            hash := keccak256(0x640, 33)
            mstore(0x640, hash)
            mstore(0x280, mod(hash, r))
            calldatacopy(0x660, 868, 128)
            hash := keccak256(0x640, 160)
            mstore(0x640, hash)
            mstore(0x2a0, hash)
            calldatacopy(0x660, 996, 128)
            hash := keccak256(0x640, 160)
            mstore(0x640, hash)
            mstore(0x2c0, mod(hash, r))
            calldatacopy(0x660, 1124, 320)
            hash := keccak256(0x640, 352)
            mstore(0x640, hash)
            mstore(0x2e0, hash)
            mstore8(0x660, 1)
            hash := keccak256(0x640, 33)
            mstore(0x640, hash)
            mstore(0x300, hash)
            calldatacopy(0x660, 1444, 64)
            hash := keccak256(0x640, 96)
            mstore(0x640, hash)
            mstore(0x320, mod(hash, r))
        }

        // x^n for n = 2^14
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let t := mload(0x2c0)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            t := mulmod(t, t, r)
            mstore(0x340, t)
        }

        // Sum of public word times Lagrange polynomial, as a fraction; l_0
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let x := mload(0x2c0)
            let s := mulmod(x, 0x10e3d295c1599ff535a1bb49f23d81aa03bd0ed25881f9ed12b179af67f67ae1, r)
            let n := mulmod(calldataload(132), 0x10e3d295c1599ff535a1bb49f23d81aa03bd0ed25881f9ed12b179af67f67ae1, r)
            let e := mulmod(add(s, 0x01032bb6ef5e404f0ebb06567907162aef89674105c982671ec74f7dd0d1911b), 0x10e3d295c1599ff535a1bb49f23d81aa03bd0ed25881f9ed12b179af67f67ae1, r)
            n := add(mulmod(calldataload(164), e, r), mulmod(add(x, 0x01032bb6ef5e404f0ebb06567907162aef89674105c982671ec74f7dd0d1911b), n, r))
            e := mulmod(add(s, 0x049d52c8f738dbf9d3f7670e73a63edac632617df0d949becc1b50256f9f0aad), e, r)
            n := add(mulmod(calldataload(196), e, r), mulmod(add(x, 0x049d52c8f738dbf9d3f7670e73a63edac632617df0d949becc1b50256f9f0aad), n, r))
            e := mulmod(add(s, 0x1b9e4cecf9d91a534374fa77043701c82dc7e69e6a661b163dd63549ae8d8fa2), e, r)
            n := add(mulmod(calldataload(228), e, r), mulmod(add(x, 0x1b9e4cecf9d91a534374fa77043701c82dc7e69e6a661b163dd63549ae8d8fa2), n, r))
            e := mulmod(add(s, 0x2b1222e9be892e0173863c1f72f94e1df4a892e85eb98fe8ff2cc2bc916094bc), e, r)
            n := add(mulmod(calldataload(260), e, r), mulmod(add(x, 0x2b1222e9be892e0173863c1f72f94e1df4a892e85eb98fe8ff2cc2bc916094bc), n, r))
            e := mulmod(add(s, 0x209a9da07cac587891b25130ff7a136c8d2fdb66eacaae0141dc19c0cc41def3), e, r)
            n := add(mulmod(calldataload(292), e, r), mulmod(add(x, 0x209a9da07cac587891b25130ff7a136c8d2fdb66eacaae0141dc19c0cc41def3), n, r))
            e := mulmod(add(s, 0x09ab710958eb133f1ca0cb3916f8d3252664dfe6b27d139333ce003b4d71c37e), e, r)
            n := add(mulmod(calldataload(324), e, r), mulmod(add(x, 0x09ab710958eb133f1ca0cb3916f8d3252664dfe6b27d139333ce003b4d71c37e), n, r))
            e := mulmod(add(s, 0x058b4c5410b55d7e9e58c9598eb5857e76fdfe156a9e5b1d86d91c00e63b4484), e, r)
            n := add(mulmod(calldataload(356), e, r), mulmod(add(x, 0x058b4c5410b55d7e9e58c9598eb5857e76fdfe156a9e5b1d86d91c00e63b4484), n, r))
            e := mulmod(add(s, 0x062f931508751001758c928492442957404df38197f5e76a271bc23751922733), e, r)
            mstore(0x180, n)
            mstore(0x1c0, e)
        }

        // Sum of public word times Lagrange polynomial, as a fraction; l_0
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let x := mload(0x2c0)
            let n := mload(0x180)
            let e := mload(0x1c0)
            let s := mulmod(x, 0x10e3d295c1599ff535a1bb49f23d81aa03bd0ed25881f9ed12b179af67f67ae1, r)
            n := add(mulmod(calldataload(388), e, r), mulmod(add(x, 0x062f931508751001758c928492442957404df38197f5e76a271bc23751922733), n, r))
            e := mulmod(add(s, 0x0e4cd0eef423876946a64923ff721f344487c8deebfa7d9fd958671ebd26da9f), e, r)
            n := add(mulmod(calldataload(420), e, r), mulmod(add(x, 0x0e4cd0eef423876946a64923ff721f344487c8deebfa7d9fd958671ebd26da9f), n, r))
            e := mulmod(add(s, 0x18407f6a3e9203eb3a864ef91c3e21df276b4acab6a880d1f828c0580ae37a29), e, r)
            n := add(mulmod(calldataload(452), e, r), mulmod(add(x, 0x18407f6a3e9203eb3a864ef91c3e21df276b4acab6a880d1f828c0580ae37a29), n, r))
            e := mulmod(add(s, 0x175bf4f5b16de40c153d56133ca05bd2b7bab84640c6825bcc92e4158902bb9a), e, r)
            n := add(mulmod(calldataload(484), e, r), mulmod(add(x, 0x175bf4f5b16de40c153d56133ca05bd2b7bab84640c6825bcc92e4158902bb9a), n, r))
            e := mulmod(add(s, 0x028d13a89ff73f794a7aae1b4b045d6550cd16fc9ac933c3a475e37969729a6f), e, r)
            n := add(mulmod(calldataload(516), e, r), mulmod(add(x, 0x028d13a89ff73f794a7aae1b4b045d6550cd16fc9ac933c3a475e37969729a6f), n, r))
            e := mulmod(add(s, 0x3029c14367abdf272c8711ff32b2534d933adf6f146f0cdaee146a4ecfd87aa7), e, r)
            n := add(mulmod(calldataload(548), e, r), mulmod(add(x, 0x3029c14367abdf272c8711ff32b2534d933adf6f146f0cdaee146a4ecfd87aa7), n, r))
            e := mulmod(add(s, 0x1477a6b595d7fbb3d7c1a79e92d147b747d7206e4bfbb3bdd62a537ac26be285), e, r)
            n := add(mulmod(calldataload(580), e, r), mulmod(add(x, 0x1477a6b595d7fbb3d7c1a79e92d147b747d7206e4bfbb3bdd62a537ac26be285), n, r))
            e := mulmod(add(s, 0x229142d808702cd45b2612b3e5b950b111d887205b291befd032759f0b037705), e, r)
            n := add(mulmod(calldataload(612), e, r), mulmod(add(x, 0x229142d808702cd45b2612b3e5b950b111d887205b291befd032759f0b037705), n, r))
            e := mulmod(add(s, 0x2b49e3db4c83444d203b9595eb92128b514464c5e86b8a007c44f06f2b8e52e9), e, r)
            mstore(0x180, n)
            mstore(0x1c0, e)
        }

        // Sum of public word times Lagrange polynomial, as a fraction; l_0
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let x := mload(0x2c0)
            let n := mload(0x180)
            let e := mload(0x1c0)
            let s := mulmod(x, 0x10e3d295c1599ff535a1bb49f23d81aa03bd0ed25881f9ed12b179af67f67ae1, r)
            n := add(mulmod(calldataload(644), e, r), mulmod(add(x, 0x2b49e3db4c83444d203b9595eb92128b514464c5e86b8a007c44f06f2b8e52e9), n, r))
            e := mulmod(add(s, 0x224de28fd1580fed9982cc9b35ef879be20cd2ee4a5b721fb3a80cd742743802), e, r)
            n := add(mulmod(calldataload(676), e, r), mulmod(add(x, 0x224de28fd1580fed9982cc9b35ef879be20cd2ee4a5b721fb3a80cd742743802), n, r))
            e := mulmod(add(s, 0x1097b7f69e80939865e06fd3d25063ee1b665df1ee306a9025133757061d69c2), e, r)
            let d := mulmod(e, 0x1a841f3fc2f0789dbe428cff13119375a2022f2ca53f6378af8d210203a8b95e, r)
            let f := d
            let g := add(x, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000)
            mstore(0x180, add(mulmod(f, calldataload(100), r), mulmod(g, n, r)))
            mstore(0x1a0, mulmod(d, g, r))
            mstore(0x1c0, f)
        }

        // Sum of the Lagrange polynomials of the reserved rows, as a fraction; l_last
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let x := mload(0x2c0)
            let s := mulmod(x, 0x2337acd19f40bf2b2aa212849e9a0c07d626d9ca335d73a09119dbe6eaab3cac, r)
            let n := 0x200f7a65e2a40b9f6524b535bf80eaceb11b18b23306953d060c65819b92fd51
            let e := mulmod(add(s, 0x18c82ae0cd93b10e935b5c8b3585b653188b627d0dbd41648aba64b3edc82f41), 0x200f7a65e2a40b9f6524b535bf80eaceb11b18b23306953d060c65819b92fd51, r)
            n := add(e, mulmod(add(x, 0x18c82ae0cd93b10e935b5c8b3585b653188b627d0dbd41648aba64b3edc82f41), n, r))
            e := mulmod(add(s, 0x0c3d1a34f6d911e7756edfc72eac96678fd29e5506c3a81c0ee9ff6ca10b1102), e, r)
            n := add(e, mulmod(add(x, 0x0c3d1a34f6d911e7756edfc72eac96678fd29e5506c3a81c0ee9ff6ca10b1102), n, r))
            e := mulmod(add(s, 0x2665161f956110feaf9a44abd297ac14caf8ed0dded548883c8e7a8af391ac1c), e, r)
            n := add(e, mulmod(add(x, 0x2665161f956110feaf9a44abd297ac14caf8ed0dded548883c8e7a8af391ac1c), n, r))
            e := mulmod(add(s, 0x00c8316dc607766c9b3ca51a6cf7a997f7f7b895cd3beb525c3c65b88a46f284), e, r)
            n := add(e, mulmod(add(x, 0x00c8316dc607766c9b3ca51a6cf7a997f7f7b895cd3beb525c3c65b88a46f284), n, r))
            e := mulmod(add(s, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000), e, r)
            let d := e
            let f := mulmod(d, 0x2c34760cd8ba6180d92ad9da798faeb6fbf85f3f63d3dfca54b3b798e4f5f37e, r)
            let g := add(x, 0x042fd86608773ea8df256bdc07f1a9a62c3b890915e590c6ef2e3dfb0b0a0c83)
            mstore(0x1e0, add(f, mulmod(g, n, r)))
            mstore(0x200, mulmod(d, g, r))
            mstore(0x220, f)
        }

        // Denominators and their running products
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let x := mload(0x2c0)
            let p := mload(0x1a0)
            mstore(0x520, p)
            let f := mload(0x200)
            mstore(0x540, f)
            mstore(0x480, p)
            p := mulmod(p, f, r)
            f := add(mload(0x340), 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000)
            mstore(0x560, f)
            mstore(0x4a0, p)
            p := mulmod(p, f, r)
            f := x
            mstore(0x580, f)
            mstore(0x4c0, p)
            p := mulmod(p, f, r)
            f := add(mload(0x320), sub(r, mulmod(x, 0x2337acd19f40bf2b2aa212849e9a0c07d626d9ca335d73a09119dbe6eaab3cac, r)))
            mstore(0x5a0, f)
            mstore(0x4e0, p)
            p := mulmod(p, f, r)
            // The hint is below r, so it is the only inverse; there is none of zero.
            if iszero(eq(mulmod(calldataload(1572), p, r), 1)) {
                mstore(0, 0xc3b0d8cd) // ProofRejected()
                revert(28, 4)
            }
        }

        // Inverses, from the last denominator to the first
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let inverse := calldataload(1572)
            let f := mload(0x5a0)
            mstore(0x5a0, mulmod(inverse, mload(0x4e0), r))
            inverse := mulmod(inverse, f, r)
            f := mload(0x580)
            mstore(0x580, mulmod(inverse, mload(0x4c0), r))
            inverse := mulmod(inverse, f, r)
            f := mload(0x560)
            mstore(0x560, mulmod(inverse, mload(0x4a0), r))
            inverse := mulmod(inverse, f, r)
            f := mload(0x540)
            mstore(0x540, mulmod(inverse, mload(0x480), r))
            inverse := mulmod(inverse, f, r)
            mstore(0x520, inverse)
        }

        // Instance, l_0, l_last, and l_active = 1 - sum over the reserved rows
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let c := mulmod(add(mload(0x340), 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000), 0x30638ce1a7661b6337a964756aa75257c6bf4778d89789ab819ce60c19b04001, r)
            let f := mulmod(c, mload(0x520), r)
            mstore(0x360, mulmod(f, mload(0x180), r))
            mstore(0x380, mulmod(f, mload(0x1c0), r))
            f := mulmod(c, mload(0x540), r)
            mstore(0x3a0, mulmod(f, mload(0x220), r))
            mstore(0x3c0, add(1, sub(r, mulmod(f, mload(0x1e0), r))))
        }

        // Gates, folded with powers of y
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let y := mload(0x2a0)
            let e := 0
            // accumulator
            e := mulmod(calldataload(1220), add(add(add(calldataload(1188), sub(r, calldataload(1156))), sub(r, mulmod(calldataload(1220), calldataload(1124), r))), sub(r, mload(0x360))), r)
            // accumulator
            e := add(mulmod(calldataload(1284), add(calldataload(1188), sub(r, mulmod(calldataload(1156), calldataload(1124), r))), r), mulmod(y, e, r))
            // accumulator
            e := add(mulmod(mulmod(calldataload(1252), add(calldataload(1252), 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000), r), add(calldataload(1156), 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000), r), mulmod(y, e, r))
            // digits
            e := add(mulmod(calldataload(1252), mulmod(calldataload(1124), add(calldataload(1124), 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000), r), r), mulmod(y, e, r))
            mstore(0x3e0, e)
        }

        // Permutation: products begin and end at one
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let y := mload(0x2a0)
            let e := mload(0x3e0)
            let f := mload(0x380)
            e := add(mulmod(f, add(1, sub(r, calldataload(1380))), r), mulmod(y, e, r))
            let z := calldataload(1380)
            e := add(mulmod(mload(0x3a0), add(mulmod(z, z, r), sub(r, z)), r), mulmod(y, e, r))
            mstore(0x3e0, e)
        }

        // Permutation: one step of a product
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let y := mload(0x2a0)
            let e := mload(0x3e0)
            let b := mload(0x260)
            let c := mload(0x280)
            let x := mulmod(b, mload(0x2c0), r)
            let s := calldataload(1412)
            let t := calldataload(1380)
            let a := add(calldataload(1124), c)
            s := mulmod(add(a, mulmod(b, calldataload(1348), r)), s, r)
            t := mulmod(add(a, x), t, r)
            e := add(mulmod(add(s, sub(r, t)), mload(0x3c0), r), mulmod(y, e, r))
            mstore(0x3e0, e)
        }

        // The quotient's value: all constraints over x^n - 1
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            mstore(0x3e0, mulmod(mload(0x3e0), mload(0x560), r))
        }

        // Distances from u: product over the first set, shares of the rotations
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let x := mload(0x2c0)
            let u := mload(0x320)
            let z := mod(add(u, sub(r, x)), r)
            mstore(0x460, z)
            mstore(0x5e0, mulmod(z, mload(0x5a0), r))
        }

        // Value of the openings at rotations [0]
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let y := mload(0x2e0)
            let f := 0
            let e := 0
            f := calldataload(1316)
            f := add(mload(0x3e0), mulmod(y, f, r))
            f := add(calldataload(1348), mulmod(y, f, r))
            f := add(calldataload(1284), mulmod(y, f, r))
            f := add(calldataload(1252), mulmod(y, f, r))
            f := add(calldataload(1220), mulmod(y, f, r))
            f := add(calldataload(1124), mulmod(y, f, r))
            e := f
            mstore(0x420, e)
        }

        // Value of the first set
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            mstore(0x400, mod(mload(0x420), r))
        }

        // Value of the openings at rotations [0, 1]
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let y := mload(0x2e0)
            let f := 0
            let e := 0
            f := calldataload(1380)
            f := add(calldataload(1156), mulmod(y, f, r))
            e := mulmod(0x0347aa75f42bb59003e8e643d10aba32eb3c25b05fc6f0fd890c1b931a3dc415, f, r)
            f := calldataload(1412)
            f := add(calldataload(1188), mulmod(y, f, r))
            e := add(mulmod(mulmod(mload(0x5e0), 0x2d1ca3fced05ea99b4675f72b0769e2a3cf7c29819f27f93bad5da00d5c23bec, r), f, r), e)
            e := mulmod(mload(0x580), e, r)
            mstore(0x420, e)
        }

        // Power of v; coefficient of the set's commitments
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let v := mload(0x300)
            let p := v
            mstore(0x400, mod(add(mload(0x400), mulmod(p, mload(0x420), r)), r))
            mstore(0x620, mulmod(p, mload(0x5a0), r))
        }

        // Combination of all commitments
        assembly {
            let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
            calldatacopy(0, 0, 0) // fence
            let ok := 1
            // quotient pieces, by powers of x^n
            mstore(0x80, mload(0x340))
            calldatacopy(0x40, 1060, 0x40)
            calldatacopy(0x0, 996, 0x40)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            mcopy(0x100, 0x40, 0x40)
            // openings at rotations [0, 1], by powers of y
            mstore(0x80, mload(0x2e0))
            calldatacopy(0x40, 868, 0x40)
            calldatacopy(0x0, 804, 0x40)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            mstore(0x80, mload(0x620))
            ok := and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok)
            mcopy(0x140, 0x40, 0x40)
            // openings at rotations [0], by powers of y
            mstore(0x80, mload(0x2e0))
            calldatacopy(0x40, 932, 0x40)
            mcopy(0x0, 0x100, 0x40)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            // permutation column 0
            mstore(0x0, 0x2e672b85f535743c2ae979255f074bbf46f56932c39c736e5cfb1394193a5548)
            mstore(0x20, 0x2e1484a0736ba4cd14ae91f1766cb5f29555058ac5b4212eaf7f25fd397663d9)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            // fixed column 2
            mstore(0x0, 0x096c1426ab07e470680190bd84e2399f32612325426af3b7071a522ab363a8b1)
            mstore(0x20, 0x2a2b02e216f331cf23abf15e06c040983a8310a1d73c7c282613abbc458f0827)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            // fixed column 1
            mstore(0x0, 0x166c9ef99cc6f6e8c17ee2357a04c669a69b7a52d04a7c5595a774313f9e93f9)
            mstore(0x20, 0x1d586e8c6f388dbbbe373d69964fe045399727f74ff7646ce737161faa085ee0)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            // fixed column 0
            mstore(0x0, 0x0057dab0fb81024d710718eda843b7bcdd87cf751599986c45e34c16e048a2cc)
            mstore(0x20, 0x1a09d9081c2d1ab452d6956eead75f20db9c6bed0091c947c4fdef13c9043d82)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            calldatacopy(0x0, 740, 0x40)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0x40, 0x60, 0x40, 0x40), ok))
            mcopy(0x0, 0x140, 0x40)
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), ok)
            // minus the value times the generator
            mstore(0xa0, 1)
            mstore(0xc0, 2)
            mstore(0xe0, sub(r, mload(0x400)))
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0xa0, 0x60, 0x0, 0x40), ok))
            // minus the first set's distance times W_1, plus u W_2
            calldatacopy(0xa0, 1444, 0x40)
            mstore(0xe0, sub(r, mload(0x460)))
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0xa0, 0x60, 0x0, 0x40), ok))
            calldatacopy(0xa0, 1508, 0x40)
            mstore(0xe0, mload(0x320))
            ok := and(staticcall(2000, 6, 0x0, 0x80, 0x40, 0x40), and(staticcall(40000, 7, 0xa0, 0x60, 0x0, 0x40), ok))
            if iszero(ok) {
                mstore(0, 0xc3b0d8cd) // ProofRejected()
                revert(28, 4)
            }
        }
    }
}
