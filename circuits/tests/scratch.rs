mod support;
use std::time::Instant;
use veriregime_circuits::{keys::ProvingKey, proof, srs::Srs, tape::Layout};
#[test]
fn scratch() {
    for k in 4..=5 {
        let t = Instant::now();
        match Srs::open(std::path::Path::new("/work/shared/srs"), k, None) { Ok(_) => eprintln!("ok {k} {:?}", t.elapsed()), Err(e) => eprintln!("{e}") }
    }
    let m = support::product_sized_model(1);
    let l = Layout::plan(&m).unwrap();
    let srs = Srs::development(l.k);
    let pk = ProvingKey::generate(&m, &srs).unwrap();
    let dir = std::path::Path::new("/tmp/sol");
    veriregime_circuits::solidity::write(pk.verifying_key(), &srs, dir).unwrap();
    std::fs::write(dir.join("Reference.sol"), veriregime_circuits::solidity::reference(pk.verifying_key(), &srs).unwrap()).unwrap();
    let x = support::random_inputs(1, 480);
    let mut binding = [0xab; 32]; binding[0] = 0;
    for _ in 0..4 {
    let t = Instant::now();
    let p = proof::prove(&pk, &srs, &x, binding).unwrap();
    eprintln!("prove {:?}", t.elapsed());
    proof::verify(pk.verifying_key(), &srs, &p.public_inputs, &p.bytes).unwrap();
    let words: Vec<String> = p.public_inputs.words().iter().map(|w| format!("0x{}", hex::encode(w))).collect();
    std::fs::write("/tmp/sol/proof.json", format!("{{\"proof\":\"0x{}\",\"inputs\":[\"{}\"]}}", hex::encode(&p.bytes), words.join("\",\""))).unwrap();
    }
}
