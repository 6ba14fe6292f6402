mod support;
use std::time::Instant;
use veriregime_circuits::{keys::ProvingKey, proof, srs::Srs, tape::Layout};
#[test]
fn scratch() {
    for w in [&[5usize, 3, 2][..], &[40, 8, 3]] {
        let m = support::random_model(1, w, 8, &[0, 1, 0, 2]);
        let l = Layout::plan(&m).unwrap();
        eprintln!("{w:?} rows {} k {}", l.rows.len(), l.k);
    }
    let m = support::product_sized_model(1);
    let t = Instant::now();
    let l = Layout::plan(&m).unwrap();
    eprintln!("rows {} k {} plan {:?}", l.rows.len(), l.k, t.elapsed());
    for i in 0..3 {
      let a = &veriregime_circuits::model::bounds::Bounds::of(&m).unwrap();
      eprintln!("layer {i} acc bits {} q bits {} hidden bits {}", a.accumulators[i].iter().map(|x| x.bits()).max().unwrap(), a.quotients[i].iter().map(|x| x.bits()).max().unwrap(), a.hidden[i].iter().map(|x| x.bits()).max().unwrap());
    }
    let t = Instant::now();
    let srs = Srs::development(l.k);
    eprintln!("dev srs {:?}", t.elapsed());
    let t = Instant::now();
    let pk = ProvingKey::generate(&m, &srs).unwrap();
    eprintln!("keygen {:?}", t.elapsed());
    for s in 0..4 {
        let x = support::random_inputs(s, 480);
        let t = Instant::now();
        let w = veriregime_circuits::tape::Witness::generate(pk.layout(), &x, [0; 32]).unwrap();
        eprintln!("witness {:?}", t.elapsed()); drop(w);
        let t = Instant::now();
        let p = proof::prove(&pk, &srs, &x, [0; 32]).unwrap();
        eprintln!("prove {:?} {} bytes class {}", t.elapsed(), p.bytes.len(), p.public_inputs.decode().unwrap().class);
        let t = Instant::now();
        proof::verify(pk.verifying_key(), &srs, &p.public_inputs, &p.bytes).unwrap();
        eprintln!("verify {:?}", t.elapsed());
    }
}
