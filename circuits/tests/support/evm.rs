//! The Ethereum machine for tests: solc from npm compiles, revm runs.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database::{CacheDB, EmptyDB},
    primitives::{Address, Bytes, TxKind, hardfork::SpecId},
    state::AccountInfo,
};
use serde_json::{Value, json};

/// Gas limit of a call: more than any verifier needs.
const ENOUGH: u64 = 10_000_000;

/// How solc compiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Runs that the optimiser aims at; `None` switches it off.
    pub runs: Option<u32>,
    /// Through the intermediate representation.
    pub via_ir: bool,
}

impl Settings {
    /// Optimiser off, legacy code generation.
    pub const PLAIN: Self = Self {
        runs: None,
        via_ir: false,
    };
    /// What the project compiles verifiers with (`foundry.toml`).
    pub const PROJECT: Self = Self {
        runs: None,
        via_ir: true,
    };

    /// Off and with 1, 200 and a million runs, each legacy and through the representation.
    pub fn matrix() -> Vec<Self> {
        let runs = [None, Some(1), Some(200), Some(1_000_000)];
        let both = |runs| [false, true].map(|via_ir| Self { runs, via_ir });
        runs.into_iter().flat_map(both).collect()
    }
}

/// What a call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the call succeeded and, for our verifiers, returned true.
    pub accepted: bool,
    /// Gas of the whole transaction: intrinsic, calldata and execution.
    pub gas: u64,
}

/// One deployed contract.
#[derive(Debug, Clone)]
pub struct Evm {
    code: Bytecode,
}

impl Evm {
    /// Compiles a source with one contract and deploys it.
    pub fn deploy(source: &str, settings: Settings) -> Self {
        let code = compile(source, settings);
        Self {
            code: Bytecode::new_raw(Bytes::from(code)),
        }
    }

    /// Size of the deployed code in bytes.
    pub fn size(&self) -> usize {
        self.code.original_byte_slice().len()
    }

    /// One transaction to the contract on a fresh chain.
    pub fn call(&self, calldata: &[u8]) -> Outcome {
        let result = self.transact(calldata);
        let mut answer = [0u8; 32];
        answer[31] = 1;
        let output = result.output().cloned().unwrap_or_default();
        Outcome {
            accepted: result.is_success() && (output.is_empty() || output[..] == answer),
            gas: result.tx_gas_used(),
        }
    }

    /// What a call returns; nothing if it reverts.
    pub fn answer(&self, calldata: &[u8]) -> Option<Vec<u8>> {
        let result = self.transact(calldata);
        let output = result.output().cloned().unwrap_or_default();
        result.is_success().then(|| output.to_vec())
    }

    fn transact(&self, calldata: &[u8]) -> ExecutionResult {
        let (contract, caller) = (Address::with_last_byte(0xc0), Address::with_last_byte(0xca));
        let mut db = CacheDB::new(EmptyDB::default());
        db.insert_account_info(contract, AccountInfo::from_bytecode(self.code.clone()));
        let tx = TxEnv::builder()
            .caller(caller)
            .kind(TxKind::Call(contract))
            .gas_limit(ENOUGH)
            .data(Bytes::copy_from_slice(calldata))
            .build()
            .unwrap();
        let mut evm = Context::mainnet()
            .with_db(db)
            .with_block(BlockEnv::default())
            .with_cfg(CfgEnv::new_with_spec(SpecId::OSAKA))
            .build_mainnet();
        evm.transact(tx).unwrap().result
    }
}

/// Calldata of `verify(uint256[],bytes)` in canonical encoding.
pub fn call(words: &[[u8; 32]], proof: &[u8]) -> Vec<u8> {
    // First four bytes of the Keccak-256 of the signature.
    let mut data = selector("verify(uint256[],bytes)").to_vec();
    let word = |value: usize| {
        let mut word = [0u8; 32];
        word[24..].copy_from_slice(&(value as u64).to_be_bytes());
        word
    };
    data.extend(word(64));
    data.extend(word(96 + 32 * words.len()));
    data.extend(word(words.len()));
    data.extend(words.concat());
    data.extend(word(proof.len()));
    data.extend(proof);
    data.resize((data.len() - 4).next_multiple_of(32) + 4, 0);
    data
}

/// The same arguments to `accumulate`.
pub fn accumulate(calldata: &[u8]) -> Vec<u8> {
    let mut data = calldata.to_vec();
    let selector = selector("accumulate(uint256[],bytes)");
    let length = data.len().min(4);
    data[..length].copy_from_slice(&selector[..length]);
    data
}

/// Calldata of `decide(uint256[4][])` in canonical encoding.
pub fn decide(accumulators: &[Vec<u8>]) -> Vec<u8> {
    let mut data = selector("decide(uint256[4][])").to_vec();
    for value in [32, accumulators.len()] {
        let mut word = [0u8; 32];
        word[24..].copy_from_slice(&(value as u64).to_be_bytes());
        data.extend(word);
    }
    data.extend(accumulators.concat());
    data
}

fn selector(signature: &str) -> [u8; 4] {
    use sha3::{Digest, Keccak256};
    let hash = Keccak256::digest(signature);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Runtime code of the only contract of a source.
fn compile(source: &str, settings: Settings) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    assert!(
        root.join("node_modules/solc").exists(),
        "node_modules is missing: run npm ci in {}",
        root.display()
    );
    let optimizer = match settings.runs {
        Some(runs) => json!({ "enabled": true, "runs": runs }),
        None => json!({ "enabled": false }),
    };
    let input = json!({
        "language": "Solidity",
        "sources": { "Contract.sol": { "content": source } },
        "settings": {
            "optimizer": optimizer,
            "viaIR": settings.via_ir,
            "evmVersion": "osaka",
            "metadata": { "bytecodeHash": "none", "appendCBOR": false },
            "outputSelection": { "*": { "*": ["evm.deployedBytecode.object"] } },
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
        assert_ne!(error["severity"], "error", "{settings:?}: {message}");
    }
    let contracts = output["contracts"]["Contract.sol"].as_object().unwrap();
    let contract = contracts.values().next().unwrap();
    let code = contract["evm"]["deployedBytecode"]["object"]
        .as_str()
        .unwrap();
    hex::decode(code).unwrap()
}
