//! A generated verifier on the Ethereum machine.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv},
    database::{CacheDB, EmptyDB},
    primitives::{Address, Bytes, TxKind, hardfork::SpecId},
    state::AccountInfo,
};
use serde_json::{Value, json};

/// What a call cost.
pub struct Called {
    /// Gas of the whole transaction.
    pub gas: u64,
    /// Size of the code.
    pub code_bytes: usize,
}

/// Verifies a proof on chain; `None` without solc, or if the verifier refuses.
pub fn call(source: &str, words: &[[u8; 32]], proof: &[u8]) -> Option<Called> {
    let code = compile(source)?;
    let (contract, caller) = (Address::with_last_byte(0xc0), Address::with_last_byte(0xca));
    let mut db = CacheDB::new(EmptyDB::default());
    let code_bytes = code.len();
    let code = Bytecode::new_raw(Bytes::from(code));
    db.insert_account_info(contract, AccountInfo::from_bytecode(code));
    let tx = TxEnv::builder()
        .caller(caller)
        .kind(TxKind::Call(contract))
        .gas_limit(16_000_000)
        .data(Bytes::from(calldata(words, proof)))
        .build()
        .ok()?;
    let mut evm = Context::mainnet()
        .with_db(db)
        .with_block(BlockEnv::default())
        .with_cfg(CfgEnv::new_with_spec(SpecId::OSAKA))
        .build_mainnet();
    let result = evm.transact(tx).ok()?.result;
    result.is_success().then(|| Called {
        gas: result.tx_gas_used(),
        code_bytes,
    })
}

fn calldata(words: &[[u8; 32]], proof: &[u8]) -> Vec<u8> {
    use sha3::{Digest, Keccak256};
    let number = |value: usize| {
        let mut word = [0u8; 32];
        word[24..].copy_from_slice(&(value as u64).to_be_bytes());
        word
    };
    let mut data = Keccak256::digest("verify(uint256[],bytes)")[..4].to_vec();
    data.extend(number(64));
    data.extend(number(96 + 32 * words.len()));
    data.extend(number(words.len()));
    data.extend(words.concat());
    data.extend(number(proof.len()));
    data.extend(proof);
    data.resize((data.len() - 4).next_multiple_of(32) + 4, 0);
    data
}

fn compile(source: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let input = json!({
        "language": "Solidity",
        "sources": { "Verifier.sol": { "content": source } },
        "settings": {
            "optimizer": { "enabled": false },
            "viaIR": true,
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
        .ok()?;
    let mut stdin = solc.stdin.take()?;
    stdin.write_all(input.to_string().as_bytes()).ok()?;
    drop(stdin);
    let output: Value = serde_json::from_slice(&solc.wait_with_output().ok()?.stdout).ok()?;
    let code = output["contracts"]["Verifier.sol"]["Verifier"]["evm"]["deployedBytecode"]["object"]
        .as_str()?;
    hex::decode(code).ok()
}
