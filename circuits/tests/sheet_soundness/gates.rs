//! Results that are not the network's, one identity broken, and repaired in one row of every kind.

use std::collections::{BTreeMap, BTreeSet};

use halo2_axiom::halo2curves::ff::Field;
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{field::Fr, network::Trace};

use crate::{
    case::Case,
    fill::{Draft, Patch},
    key::{Kind, Sheet, Slot},
    resume::resume,
    scale::Scale,
    tally::Tally,
};

/// How far behind a broken identity a repair may lie, in chains.
const DEPTH: usize = 8;

/// One result of a node another number, everything behind it recomputed.
pub fn run(case: &Case, scale: Scale) -> Tally {
    let mut tally = Tally::default();
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    for node in 0..case.network.nodes.len() {
        let results = case.trace.tensors[node + 1].len();
        for _ in 0..scale.pick(2, 6) {
            let index = rng.gen_range(0..results);
            for more in [1, -1] {
                let Some(values) = altered(case, node, index, more) else {
                    continue;
                };
                let draft = case.restated(&values);
                if case.sheet.sum(&draft).residuals.is_empty() {
                    // A node without values of its own, or the value of another input.
                    continue;
                }
                tally.judge(case, &draft, || format!("node {node} value {index} {more}"));
                repair(case, &draft, scale, &mut rng, &mut tally);
            }
        }
    }
    tally
}

/// All values when a node's result has another value; none if the layout has no such value.
pub fn altered(case: &Case, node: usize, index: usize, more: i64) -> Option<Vec<Fr>> {
    let interval = case.key.layout().bounds().tensors[node + 1];
    let mut forged: Trace = case.trace.clone();
    forged.tensors[node + 1][index] += more;
    let value = forged.tensors[node + 1][index];
    if value < interval.low || value > interval.high {
        return None;
    }
    if case
        .blocks(&format!("Tensor {{ tensor: {},", node + 1))
        .is_empty()
    {
        return None;
    }
    let trace = resume(&case.network, &forged, node)?;
    let mut values = case.values_of(&trace);
    // The entry stays: only the identity is wrong.
    for block in case.blocks(&format!("Entry {{ node: {node},")) {
        values[block.values.clone()].copy_from_slice(&case.values[block.values.clone()]);
    }
    Some(values)
}

/// Repairs a draft whose chains do not end at zero in one place of every kind, if that can be.
pub fn repair(case: &Case, draft: &Draft, scale: Scale, rng: &mut ChaCha20Rng, tally: &mut Tally) {
    let sheet = &case.sheet;
    let ends: Vec<usize> = residuals(sheet, draft).into_keys().collect();
    let mut places = places(sheet, &ends);
    for (name, patches) in &mut places {
        patches.shuffle(rng);
        let mut wanted = scale.pick(2, 5);
        for patch in patches.iter().take(scale.pick(8, 20)) {
            let Some(solved) = solve(sheet, draft, *patch) else {
                continue;
            };
            tally.judge(case, &solved, || format!("repaired at {name}: {patch:?}"));
            wanted -= 1;
            if wanted == 0 {
                break;
            }
        }
    }
}

fn residuals(sheet: &Sheet, draft: &Draft) -> BTreeMap<usize, Fr> {
    sheet.sum(draft).residuals.into_iter().collect()
}

/// Places whose change reaches some chains' ends, by what stands there.
fn places(sheet: &Sheet, ends: &[usize]) -> BTreeMap<&'static str, Vec<Patch>> {
    let chains = sheet.chains();
    let mut defined = BTreeMap::new();
    for (index, chain) in chains.iter().enumerate() {
        for row in chain.clone() {
            if let Slot::Define(late) = sheet.rows[row].slot {
                defined.insert(late, index);
            }
        }
    }
    let mut seen: BTreeSet<usize> = (0..chains.len())
        .filter(|&index| ends.contains(&chains[index].end))
        .collect();
    let mut edge: Vec<usize> = seen.iter().copied().collect();
    let mut places: BTreeMap<&'static str, Vec<Patch>> = BTreeMap::new();
    for _ in 0..DEPTH {
        let mut next = vec![];
        for chain in edge {
            for row in chains[chain].clone() {
                let one = Fr::ONE;
                let (name, patch) = match (sheet.rows[row].kind, sheet.rows[row].slot) {
                    (_, Slot::Define(_)) => ("definition", Patch::Define(row, one)),
                    (Some(Kind::Sum), _) => ("sum", Patch::Row(row, one)),
                    (Some(Kind::Multiply), _) => ("multiply", Patch::Row(row, one)),
                    (Some(Kind::Positions), _) => ("positions", Patch::Row(row, one)),
                    (Some(Kind::Channels), _) => ("channels", Patch::Row(row, one)),
                    (Some(Kind::Mixed), _) => ("mixed", Patch::Row(row, one)),
                    (None, _) => continue,
                };
                places.entry(name).or_default().push(patch);
                if let Slot::Use(late) = sheet.rows[row].slot {
                    let copies = places.entry("factor").or_default();
                    copies.push(Patch::Factor(row, one));
                    if seen.insert(defined[&late]) {
                        next.push(defined[&late]);
                    }
                }
                if sheet.rows[row].slot == Slot::Early {
                    let copies = places.entry("factor").or_default();
                    copies.push(Patch::Factor(row, one));
                }
            }
        }
        edge = next;
    }
    places
}

/// The draft with such an error in one place that every chain ends at zero, if there is one: the
/// ends depend on it linearly, or the place is of no use.
pub fn solve(sheet: &Sheet, draft: &Draft, patch: Patch) -> Option<Draft> {
    let with = |more: Fr| Draft {
        patch: match patch {
            Patch::Row(row, _) => Patch::Row(row, more),
            Patch::Define(row, _) => Patch::Define(row, more),
            Patch::Factor(row, _) => Patch::Factor(row, more),
            Patch::None => Patch::None,
        },
        ..draft.clone()
    };
    let (before, after) = (residuals(sheet, draft), residuals(sheet, &with(Fr::ONE)));
    let (row, end) = before.iter().next()?;
    let slope = after.get(row).copied().unwrap_or(Fr::ZERO) - end;
    let inverse = Option::<Fr>::from(slope.invert())?;
    let solved = with(-*end * inverse);
    residuals(sheet, &solved).is_empty().then_some(solved)
}
