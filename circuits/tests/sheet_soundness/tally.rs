//! Counting forgeries, and without which constraint they would be accepted.

use std::{collections::BTreeMap, ops::Add};

use veriregime_circuits::field::Fr;

use crate::{
    case::Case,
    fill::{Balance, Draft},
    key::{Sheet, challenges},
    rule::{REMOVALS, Removal, Rule},
};

/// What was tried and what got through.
#[derive(Debug, Default)]
pub struct Tally {
    pub forgeries: usize,
    /// Those that a single constraint in a single place objects to.
    pub single: usize,
    /// Forgeries that the whole system accepts.
    pub accepted: Vec<String>,
    /// Forgeries accepted without a constraint.
    pub without: BTreeMap<String, usize>,
}

impl Tally {
    fn count(&mut self, removed: impl Into<String>) {
        *self.without.entry(removed.into()).or_default() += 1;
    }

    /// Counts a forgery that holds for who knows a challenge in advance.
    pub fn known(&mut self, challenge: &str) {
        self.count(challenge);
    }

    /// Fills a forgery and looks at what objects.
    pub fn judge(&mut self, case: &Case, draft: &Draft, what: impl FnOnce() -> String) {
        self.judge_on(case, &case.sheet, draft, what);
    }

    /// The same at other challenges.
    pub fn judge_on(
        &mut self,
        case: &Case,
        sheet: &Sheet,
        draft: &Draft,
        what: impl FnOnce() -> String,
    ) {
        let filled = sheet.fill(draft);
        let found = sheet.violations(&filled);
        self.forgeries += 1;
        if found.is_empty() {
            self.accepted.push(format!("{}: {}", case.name, what()));
            return;
        }
        self.single += usize::from(found.len() == 1);
        for (name, removal) in REMOVALS {
            if found
                .iter()
                .all(|&found| removal.covers(sheet, &case.one, found))
            {
                self.count(name);
            }
        }
        if found.len() == 1 && found[0].rule == Rule::Last {
            self.look_up(case, sheet, draft, &filled.strays);
        }
    }

    /// A forgery that only the lookup argument objects to: every part of the argument removed, with
    /// what it does not add up to moved there.
    fn look_up(&mut self, case: &Case, sheet: &Sheet, draft: &Draft, strays: &[usize]) {
        let row = strays[0];
        let moved = [
            (Balance::First, Removal::First),
            (Balance::Total(row), Removal::Total),
            (Balance::Helper(row), Removal::Helpers),
        ];
        for (balance, removal) in moved {
            let draft = Draft {
                balance,
                ..draft.clone()
            };
            let found = sheet.violations(&sheet.fill(&draft));
            assert!(
                found.len() == 1 && removal.covers(sheet, &case.one, found[0]),
                "{}: {balance:?}: {found:?}",
                case.name
            );
            self.forgeries += 1;
            self.single += 1;
            let (name, _) = REMOVALS.iter().find(|(_, r)| *r == removal).unwrap();
            self.count(*name);
        }
        self.knowing_beta(case, draft);
        let tagless = sheet.without_offsets();
        if tagless.violations(&tagless.fill(draft)).is_empty() {
            self.count("offsets of the tables");
        }
        for block in &case.blocks {
            if strays.iter().all(|row| block.rows.contains(row)) {
                let sheet = sheet.without_lookups(&block.rows);
                assert_eq!(sheet.violations(&sheet.fill(draft)), [], "{}", case.name);
                self.count(format!("range of {}", block.check()));
            }
        }
    }

    /// Multiplicities that make up for a stray value at one beta do so at no other.
    fn knowing_beta(&mut self, case: &Case, draft: &Draft) {
        let sheet = &case.sheet;
        let known = sheet.fill(&Draft {
            balance: Balance::Uses,
            ..draft.clone()
        });
        assert_eq!(sheet.violations(&known), [], "{}", case.name);
        self.count("beta drawn after the multiplicities");
        let [t, s, _] = sheet.challenges;
        let other = sheet.with_challenges([t, s, challenges(2)[2]]);
        let late = other.fill(&Draft {
            uses: Some(known.advice[sheet.uses()].clone()),
            ..draft.clone()
        });
        self.forgeries += 1;
        if other.violations(&late).is_empty() {
            self.accepted.push(format!("{}: beta guessed", case.name));
        }
    }

    /// A forgery that holds at challenges the forger knew: it must not at others.
    pub fn knowing(
        &mut self,
        case: &Case,
        draft: &Draft,
        known: [Fr; 3],
        name: &str,
        what: impl FnOnce() -> String,
    ) {
        let sheet = case.sheet.with_challenges(known);
        if sheet.violations(&sheet.fill(draft)).is_empty() {
            self.count(name);
        }
        self.judge(case, draft, what);
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.forgeries += other.forgeries;
        self.single += other.single;
        self.accepted.extend(other.accepted);
        for (removed, count) in other.without {
            *self.without.entry(removed).or_default() += count;
        }
        self
    }
}
