//! Several contracts on one chain: constructors run, contracts call each other.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use revm::{
    Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext,
    context::{
        BlockEnv, CfgEnv, TxEnv,
        result::{ExecutionResult, Output},
    },
    database::{CacheDB, EmptyDB},
    primitives::{Address, Bytes, TxKind, hardfork::SpecId},
};
use serde_json::{Value, json};

const GAS: u64 = 16_000_000;
const CALLER: Address = Address::with_last_byte(0xca);

/// A chain with contracts.
#[derive(Default)]
pub struct Machine {
    db: CacheDB<EmptyDB>,
    nonce: u64,
}

/// What a call did.
#[derive(Debug, Clone)]
pub struct Called {
    /// Whether it succeeded.
    pub success: bool,
    /// Return or revert data.
    pub output: Vec<u8>,
    /// Gas of the whole transaction.
    pub gas: u64,
}

impl Machine {
    fn transaction(&self, kind: TxKind, data: Vec<u8>) -> TxEnv {
        TxEnv::builder()
            .caller(CALLER)
            .nonce(self.nonce)
            .kind(kind)
            .gas_limit(GAS)
            .data(Bytes::from(data))
            .build()
            .unwrap()
    }

    /// Deploys creation code with its arguments.
    pub fn create(&mut self, code: Vec<u8>) -> Address {
        let tx = self.transaction(TxKind::Create, code);
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_block(BlockEnv::default())
            .with_cfg(CfgEnv::new_with_spec(SpecId::OSAKA))
            .build_mainnet();
        let result = evm.transact_commit(tx).unwrap();
        self.nonce += 1;
        match result {
            ExecutionResult::Success {
                output: Output::Create(_, Some(address)),
                ..
            } => address,
            other => panic!("constructor: {other:?}"),
        }
    }

    /// Calls a contract without keeping what it changes.
    pub fn call(&mut self, contract: Address, data: &[u8]) -> Called {
        let tx = self.transaction(TxKind::Call(contract), data.to_vec());
        let mut evm = Context::mainnet()
            .with_db(&mut self.db)
            .with_block(BlockEnv::default())
            .with_cfg(CfgEnv::new_with_spec(SpecId::OSAKA))
            .build_mainnet();
        let result = evm.transact(tx).unwrap().result;
        Called {
            success: result.is_success(),
            output: result.output().cloned().unwrap_or_default().to_vec(),
            gas: result.tx_gas_used(),
        }
    }
}

/// Creation code of a contract; `sources` are names and texts.
pub fn creation(sources: &[(&str, String)], contract: &str, via_ir: bool, runs: u32) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let contents: serde_json::Map<String, Value> = sources
        .iter()
        .map(|(name, text)| ((*name).to_string(), json!({ "content": text })))
        .collect();
    let input = json!({
        "language": "Solidity",
        "sources": contents,
        "settings": {
            "optimizer": { "enabled": runs > 0, "runs": runs },
            "viaIR": via_ir,
            "evmVersion": "osaka",
            "metadata": { "bytecodeHash": "none", "appendCBOR": false },
            "outputSelection": { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] } },
        },
    });
    let mut solc = Command::new("node")
        .arg(root.join("scripts/solc.mjs"))
        .arg("--standard-json")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs scripts/solc.mjs");
    let mut stdin = solc.stdin.take().unwrap();
    stdin.write_all(input.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = solc.wait_with_output().unwrap();
    let output: Value = serde_json::from_slice(&output.stdout).expect("solc answers in JSON");
    for error in output["errors"].as_array().into_iter().flatten() {
        let message = error["formattedMessage"].as_str().unwrap_or_default();
        assert_ne!(error["severity"], "error", "{message}");
    }
    let contracts = output["contracts"].as_object().unwrap();
    let code = contracts
        .values()
        .find_map(|file| file[contract]["evm"]["bytecode"]["object"].as_str())
        .unwrap();
    hex::decode(code).unwrap()
}

/// Creation code of a generated verifier.
pub fn verifier(source: String) -> Vec<u8> {
    creation(&[("Verifier.sol", source)], "Verifier", true, 0)
}

/// Creation code of the chain of slices, without its arguments.
pub fn slice_chain() -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let sources = [
        "contracts/slices/SliceChain.sol",
        "contracts/interfaces/ISignalVerifier.sol",
    ];
    let sources = sources.map(|path| (path, read(path)));
    creation(&sources, "SliceChain", false, 1000)
}

/// A number as a word.
pub fn word(value: usize) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&(value as u64).to_be_bytes());
    word
}

/// An address as a word.
pub fn address(value: Address) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(value.as_slice());
    word
}

/// First four bytes of a signature's hash.
pub fn selector(signature: &str) -> Vec<u8> {
    use sha3::{Digest, Keccak256};
    Keccak256::digest(signature)[..4].to_vec()
}

/// Encodes dynamic items one after the other, with their offsets and count before.
pub fn dynamic(items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = word(items.len()).to_vec();
    let mut offset = 32 * items.len();
    for item in items {
        bytes.extend(word(offset));
        offset += item.len();
    }
    bytes.extend(items.concat());
    bytes
}

/// Encodes bytes with their length before.
pub fn bytes(value: &[u8]) -> Vec<u8> {
    let mut encoded = word(value.len()).to_vec();
    encoded.extend(value);
    encoded.resize(encoded.len().next_multiple_of(32), 0);
    encoded
}

/// Encodes words with their number before.
pub fn words(value: &[[u8; 32]]) -> Vec<u8> {
    let mut encoded = word(value.len()).to_vec();
    encoded.extend(value.concat());
    encoded
}

/// Encodes dynamic arguments.
pub fn arguments(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![];
    let mut offset = 32 * parts.len();
    for part in parts {
        bytes.extend(word(offset));
        offset += part.len();
    }
    bytes.extend(parts.concat());
    bytes
}
