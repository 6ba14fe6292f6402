//! Contracts with a check left out.

use super::subject::Subject;

/// Every occurrence of one text replaced by another.
pub struct Mutation {
    pub name: &'static str,
    pub replacements: Vec<(String, String)>,
}

/// Every check of a subject's contract left out, one at a time.
pub fn mutations(subject: &Subject) -> Vec<Mutation> {
    let mutation = |name, replacements| Mutation { name, replacements };
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
