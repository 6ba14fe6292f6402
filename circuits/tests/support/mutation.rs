//! Contracts with a check left out.

use super::subject::Subject;

/// Every occurrence of one text replaced by another.
pub struct Mutation {
    pub name: String,
    pub replacements: Vec<(String, String)>,
}

impl Mutation {
    /// A source with the replacements, each of which must have something to replace.
    pub fn of(&self, source: &str) -> String {
        let replace = |text: String, (from, to): &(String, String)| {
            assert!(text.contains(from), "{}: {from}", self.name);
            text.replace(from, to)
        };
        self.replacements.iter().fold(source.to_string(), replace)
    }
}

/// Every check of a subject's contract left out, one at a time.
pub fn mutations(subject: &Subject) -> Vec<Mutation> {
    let mutation = |name: &str, replacements| Mutation {
        name: name.into(),
        replacements,
    };
    let one = |from: &str, to: &str| vec![(from.to_string(), to.to_string())];
    let counts = subject.protocol().counts();
    let words = subject.protocol().words();
    let proof = 100 + 32 * words + 32;
    let evaluations = proof + 64 * counts.commitments();
    let hint = proof + counts.proof_bytes() - 32;
    let size = format!("eq(calldatasize(), {})", proof + counts.proof_bytes());
    let equal = |offset: usize| -> Vec<(String, String)> {
        // Up to the end of the comparison, whatever the wanted value is.
        let source = subject.source();
        let function = source.find("function _combine()").unwrap();
        let check = format!("eq(calldataload({offset}), ");
        let start = function + source[function..].find(&check).unwrap();
        let end = start + source[start..].find('\n').unwrap() - 1;
        one(&source[start..end], "1")
    };
    let below = |offsets: Vec<usize>| -> Vec<(String, String)> {
        let replace = |offset| (format!("lt(calldataload({offset}), r)"), "1".to_string());
        offsets.into_iter().map(replace).collect()
    };
    let finite = (0..counts.commitments()).map(|point| proof + 64 * point + 32);
    let finite = finite.map(|y| (format!("gt(calldataload({y}), 0)"), "1".to_string()));
    vec![
        mutation("size of calldata unchecked", one(&size, "1")),
        mutation("offset of the words unchecked", equal(4)),
        mutation("offset of the proof unchecked", equal(36)),
        mutation("count of words unchecked", equal(68)),
        mutation("length of the proof unchecked", equal(proof - 32)),
        mutation(
            "words unchecked",
            below((0..words).map(|i| 100 + 32 * i).collect()),
        ),
        mutation(
            "evaluations unchecked",
            below(
                (0..counts.evaluations())
                    .map(|i| evaluations + 32 * i)
                    .collect(),
            ),
        ),
        mutation("hint not below r", below(vec![hint])),
        mutation("infinity unchecked", finite.collect()),
        mutation(
            "failing additions ignored",
            one("and(staticcall(2000, 6", "and(or(1, staticcall(2000, 6")
                .into_iter()
                .chain(one("0x0, 0x80, 0x40, 0x40), ", "0x0, 0x80, 0x40, 0x40)), "))
                .chain(one(
                    "0xc0, 0x80, 0x100, 0x40), ",
                    "0xc0, 0x80, 0x100, 0x40)), ",
                ))
                .collect(),
        ),
        mutation("pairing ignored", one("and(ok, eq(mload(0), 1))", "ok")),
        mutation("everything ignored", one("iszero(", "lt(1, ")),
    ]
}

/// The circuit's challenges taken from elsewhere, one at a time; the crafted proof, if there is one,
/// that this lets through.
pub fn of_challenges(subject: &Subject) -> Vec<(Mutation, Option<String>)> {
    let source = subject.source();
    let counts = subject.protocol().counts();
    // From the first hash to the last challenge, line by line.
    let start = source.find("let hash := keccak256(").unwrap();
    let block = &source[start..start + source[start..].find("        }\n").unwrap()];
    let lines: Vec<&str> = block.split_inclusive('\n').collect();
    // Own challenges are reduced, and so is beta behind them.
    let stores: Vec<usize> = (0..lines.len())
        .filter(|&line| lines[line].contains(", mod(hash, r))"))
        .take(counts.challenges + 1)
        .collect();
    let place = |index: usize| -> &str {
        let (_, rest) = lines[stores[index]].split_once("mstore(").unwrap();
        rest.split_once(',').unwrap().0
    };
    let mutation = |name: String, from: String, to: String, opened: Option<String>| {
        let replacements = vec![(from, to)];
        (Mutation { name, replacements }, opened)
    };
    let mut mutations = vec![];
    let beta = place(counts.challenges).to_string();
    for (index, &store) in stores.iter().enumerate().take(counts.challenges) {
        let own = place(index);
        mutations.push(mutation(
            format!("challenge {index} is one"),
            lines[store].trim().into(),
            format!("mstore({own}, 1)"),
            Some(format!("challenge {index} chosen")),
        ));
        mutations.push(mutation(
            format!("challenge {index} is beta"),
            format!("mload({own})"),
            format!("mload({beta})"),
            None,
        ));
        // The next squeeze ends where its hash is put before what comes.
        let next = store + 1;
        let end = next
            + lines[next..]
                .iter()
                .position(|l| l.contains(", hash)"))
                .unwrap();
        let squeeze = lines[next..=end].concat();
        let later = match index + 1 == counts.challenges {
            true => "theta".to_string(),
            false => format!("challenge {}", index + 1),
        };
        mutations.push(mutation(
            format!("challenge {index} is {later}"),
            lines[store].to_string() + &squeeze,
            squeeze.clone() + lines[store],
            None,
        ));
        if index + 1 < counts.challenges {
            let behind = lines[end + 1];
            mutations.push(mutation(
                format!("challenge {} not squeezed", index + 1),
                squeeze + behind,
                behind.into(),
                Some(format!("challenge {} the one before", index + 1)),
            ));
        }
    }
    let (own, second) = (64 * counts.advice[0], 64 * counts.advice[1]);
    let proof = 100 + 32 * subject.protocol().words() + 32;
    let hashed = 32 + 32 * subject.protocol().instance_rows() + own;
    let (copied, keccak) = (format!(", {proof}, {own})"), format!(", {hashed})"));
    assert_eq!(source.matches(&copied).count(), 1);
    assert!(lines[0].ends_with(&(keccak.clone() + "\n")));
    let late = lines[0].replace(&keccak, &format!(", {})", hashed + second));
    let mut replacements = vec![(copied, format!(", {proof}, {})", own + second))];
    replacements.push((lines[0].into(), late));
    let name = "challenges behind the second phase".into();
    mutations.push((Mutation { name, replacements }, None));
    mutations
}
