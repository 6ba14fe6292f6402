//! Calls that an attacker may send, made from honest ones.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::field::{MODULUS, Word};

use super::{
    evm::call,
    subject::{Proven, Subject},
};

/// One call and whether it is honest.
pub struct Case {
    pub name: String,
    pub calldata: Vec<u8>,
    pub honest: bool,
    /// Made by a prover that breaks the rules: no mere corruption of an honest call.
    pub crafted: bool,
}

/// The base field's modulus q.
const BASE: Word = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d,
    0x97, 0x81, 0x6a, 0x91, 0x68, 0x71, 0xca, 0x8d, 0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47,
];

fn small(value: u8) -> Word {
    let mut word = [0; 32];
    word[31] = value;
    word
}

/// Sum modulo 2^256.
pub fn add(a: &Word, b: &Word) -> Word {
    let mut sum = [0; 32];
    let mut carry = 0u16;
    for index in (0..32).rev() {
        carry += u16::from(a[index]) + u16::from(b[index]);
        sum[index] = carry as u8;
        carry >>= 8;
    }
    sum
}

/// Difference modulo 2^256.
fn subtract(a: &Word, b: &Word) -> Word {
    let complement = b.map(|byte| !byte);
    add(&add(a, &complement), &small(1))
}

/// What a word is replaced by: ends of both fields, neighbours, other representatives.
fn replacements(word: &Word) -> Vec<(&'static str, Word)> {
    let all = vec![
        ("0", [0; 32]),
        ("1", small(1)),
        ("r-1", subtract(&MODULUS, &small(1))),
        ("r", MODULUS),
        ("r+1", add(&MODULUS, &small(1))),
        ("q", BASE),
        ("2^256-1", [0xff; 32]),
        ("w+1", add(word, &small(1))),
        ("w+r", add(word, &MODULUS)),
        ("w+q", add(word, &BASE)),
        ("r-w", subtract(&MODULUS, word)),
        ("q-w", subtract(&BASE, word)),
    ];
    all.into_iter().filter(|(_, new)| new != word).collect()
}

/// Every case of a subject.
pub fn corpus(subject: &Subject) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut push = |name: String, calldata: Vec<u8>, honest: bool| {
        let name = format!("{}: {name}", subject.name);
        cases.push(Case {
            name,
            calldata,
            honest,
            crafted: false,
        });
    };
    for (index, (words, proof)) in subject.honest.iter().enumerate() {
        push(format!("honest {index}"), call(words, proof), true);
    }
    for (index, (words, proof)) in subject.foreign.iter().enumerate() {
        push(format!("foreign {index}"), call(words, proof), false);
        let (own, _) = &subject.honest[0];
        push(format!("foreign proof {index}"), call(own, proof), false);
    }
    let (first, second) = (&subject.honest[0], &subject.honest[1]);
    push(
        "words of one, proof of another".into(),
        call(&first.0, &second.1),
        false,
    );
    for (name, calldata) in words_replaced(first)
        .into_iter()
        .chain(proof_replaced(first, subject))
    {
        push(name, calldata, false);
    }
    for (name, calldata) in lengths(first).into_iter().chain(encodings(first)) {
        push(name, calldata, false);
    }
    let crafted = subject.crafted.iter().map(|(name, (words, proof))| Case {
        name: format!("{}: {name}", subject.name),
        calldata: call(words, proof),
        honest: false,
        crafted: true,
    });
    cases.extend(crafted);
    cases
}

fn words_replaced((words, proof): &Proven) -> Vec<(String, Vec<u8>)> {
    let mut calls = Vec::new();
    for index in 0..words.len() {
        for (name, new) in replacements(&words[index]) {
            let mut altered = words.clone();
            altered[index] = new;
            calls.push((format!("word {index} is {name}"), call(&altered, proof)));
        }
    }
    calls
}

fn proof_replaced((words, proof): &Proven, subject: &Subject) -> Vec<(String, Vec<u8>)> {
    let mut calls = Vec::new();
    let mut push = |name: String, proof: &[u8]| calls.push((name, call(words, proof)));
    let word = |index: usize| -> Word { proof[32 * index..32 * index + 32].try_into().unwrap() };
    let with = |index: usize, new: &[u8]| {
        let mut altered = proof.clone();
        altered[32 * index..32 * index + new.len()].copy_from_slice(new);
        altered
    };
    let count = proof.len() / 32;
    for index in 0..count {
        for (name, new) in replacements(&word(index)) {
            push(format!("proof word {index} is {name}"), &with(index, &new));
        }
        if index + 1 < count {
            let swapped = [word(index + 1), word(index)].concat();
            push(
                format!("proof words {index} and next swapped"),
                &with(index, &swapped),
            );
        }
    }
    let counts = subject.protocol().counts();
    let opening = 2 * counts.commitments() + counts.evaluations();
    let commitments = (0..counts.commitments()).map(|point| 2 * point);
    for index in commitments.chain([opening, opening + 2]) {
        push(
            format!("point at word {index} is infinity"),
            &with(index, &[0; 64]),
        );
        let generator = [small(1), small(2)].concat();
        push(
            format!("point at word {index} is the generator"),
            &with(index, &generator),
        );
        let above = [add(&word(index), &BASE), add(&word(index + 1), &BASE)].concat();
        push(
            format!("point at word {index} plus q"),
            &with(index, &above),
        );
    }
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    for _ in 0..32 {
        let (byte, bit) = (rng.gen_range(0..proof.len()), rng.gen_range(0..8));
        let mut altered = proof.clone();
        altered[byte] ^= 1 << bit;
        push(format!("bit {bit} of proof byte {byte} flipped"), &altered);
    }
    calls
}

/// Too short, too long, too few, too many.
fn lengths((words, proof): &Proven) -> Vec<(String, Vec<u8>)> {
    let end = proof.len();
    let honest = call(words, proof);
    let more = |data: &[u8], extra: &[u8]| [data, extra].concat();
    let named = |name: &str, calldata: Vec<u8>| (name.to_string(), calldata);
    vec![
        named("proof a byte short", call(words, &proof[..end - 1])),
        named("proof a word short", call(words, &proof[..end - 32])),
        named("proof without its first word", call(words, &proof[32..])),
        named("proof a byte long", call(words, &more(proof, &[0]))),
        named("proof a word long", call(words, &more(proof, &[0; 32]))),
        named("empty proof", call(words, &[])),
        named("no words", call(&[], proof)),
        named("a word too few", call(&words[..words.len() - 1], proof)),
        named("first word missing", call(&words[1..], proof)),
        named(
            "a word too many",
            call(&[words.as_slice(), &[[0; 32]]].concat(), proof),
        ),
        named("calldata a byte short", honest[..honest.len() - 1].to_vec()),
        named(
            "calldata a word short",
            honest[..honest.len() - 32].to_vec(),
        ),
        named("trailing byte", more(&honest, &[0])),
        named("trailing word", more(&honest, &[0; 32])),
        named("trailing proof", more(&honest, proof)),
        named("selector alone", honest[..4].to_vec()),
        named("half a selector", honest[..2].to_vec()),
        named("nothing", vec![]),
        named("no selector", honest[4..].to_vec()),
    ]
}

/// The honest statement and proof in other encodings.
fn encodings((words, proof): &Proven) -> Vec<(String, Vec<u8>)> {
    let honest = call(words, proof);
    let start = 100 + 32 * words.len();
    // Words of the head and the two lengths: offsets of both tails, count of words, proof length.
    let heads = [
        (4, "words' offset"),
        (36, "proof's offset"),
        (68, "count"),
        (start, "length"),
    ];
    let mut calls = Vec::new();
    for (place, what) in heads {
        let word: Word = honest[place..place + 32].try_into().unwrap();
        let mut high = word;
        high[0] = 0x80;
        let mut above = word;
        above[23] = 1;
        let news = [
            ("0", [0; 32]),
            ("one more", add(&word, &small(1))),
            ("a word more", add(&word, &small(32))),
            ("a word less", subtract(&word, &small(32))),
            ("plus 2^255", high),
            ("plus 2^64", above),
            ("-1", [0xff; 32]),
        ];
        for (name, new) in news.into_iter().filter(|(_, new)| *new != word) {
            let mut altered = honest.clone();
            altered[place..place + 32].copy_from_slice(&new);
            calls.push((format!("{what} is {name}"), altered));
        }
    }
    let mut overlapping = honest.clone();
    overlapping.copy_within(4..36, 36);
    calls.push(("both arguments at the words".into(), overlapping));
    let mut overlapping = honest.clone();
    overlapping.copy_within(36..68, 4);
    calls.push(("both arguments at the proof".into(), overlapping));
    // A word of padding before both tails: decodable, not canonical.
    let offset = |value: usize| {
        let mut word = [0; 32];
        word[28..].copy_from_slice(&(value as u32).to_be_bytes());
        word
    };
    let mut padded = honest[..4].to_vec();
    padded.extend(offset(96));
    padded.extend(offset(96 + 32 * (words.len() + 1)));
    padded.extend([0; 32]);
    padded.extend(&honest[68..]);
    calls.push(("padded".into(), padded));
    // The proof before the words.
    let mut turned = honest[..4].to_vec();
    turned.extend(offset(96 + proof.len()));
    turned.extend(offset(64));
    turned.extend(&honest[start..]);
    turned.extend(&honest[68..start]);
    calls.push(("proof before words".into(), turned));
    calls
}
