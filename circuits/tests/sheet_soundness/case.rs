//! A network on a sheet with its key, its honest values, and where each of them stands.

use std::{collections::BTreeMap, ops::Range, sync::Mutex};

use veriregime_circuits::{
    field::{Fr, Word, from_int, from_word},
    network::{Network, Trace},
    sheet::{Layout, Method, SheetKey, Visibilities, Visibility, Witness},
    srs::Srs,
};

use crate::{
    fill::{Balance, Draft, Patch},
    key::{Kind, Sheet, Slot, number},
};

pub const BINDING: [u8; 32] = {
    let mut word = [7; 32];
    word[0] = 0;
    word
};

/// Values with one meaning and one table.
#[derive(Debug, Clone)]
pub struct Block {
    /// As the layout says it: `Remainder { node: 1, offset: 0, width: 0 }`.
    pub meaning: String,
    pub values: Range<usize>,
    /// Rows that look them up.
    pub rows: Vec<usize>,
}

#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub network: Network,
    pub visibilities: Visibilities,
    /// How nodes with several positions are proven.
    pub method: Method,
    pub key: SheetKey,
    pub srs: Srs,
    pub sheet: Sheet,
    pub blocks: Vec<Block>,
    /// The value in each cell of a lane, of a boundary column and of the factor column.
    pub lanes: Vec<Vec<Option<usize>>>,
    boundary: Vec<Vec<Option<usize>>>,
    factors: Vec<Option<usize>>,
    /// What stands in lanes without a value.
    filler: Vec<Vec<Fr>>,
    pub trace: Trace,
    pub values: Vec<Fr>,
    pub words: Vec<Fr>,
    /// Rows of the chain that proves the constant 1.
    pub one: Range<usize>,
}

impl Case {
    pub fn new(
        name: &str,
        network: Network,
        input: &[i64],
        visibilities: Visibilities,
        (lanes, k): (usize, Option<u32>),
        method: Method,
    ) -> Self {
        let layout = Layout::with_by(&network, &visibilities, lanes, k, Some(method)).unwrap();
        let srs = srs(layout.shape.k);
        let trace = network.trace(input).unwrap();
        let honest = Witness::from_trace(&layout, &trace, BINDING).unwrap();
        let values = honest.values().to_vec();
        let key = SheetKey::generate(layout, &srs).unwrap();
        let sheet = Sheet::open(&key);
        let layout = key.layout();
        // Every value's number, far from every honest value, read off the columns.
        const MARK: u64 = 1 << 60;
        let marks = (0..values.len() as u64)
            .map(|i| Fr::from(MARK + i))
            .collect();
        let (marked, _) = Witness::assemble(layout, marks, honest.words.clone(), vec![]);
        let index = |cell: &Fr| number(cell)?.checked_sub(MARK).map(|i| i as usize);
        let mut columns = marked.columns().iter().map(|column| {
            let mut cells: Vec<_> = column.iter().map(index).collect();
            cells.resize(sheet.size, None);
            cells
        });
        let shape = layout.shape;
        let boundary: Vec<Vec<_>> = columns.by_ref().take(shape.boundary).collect();
        let lanes: Vec<Vec<_>> = columns.take(shape.lanes).collect();
        let mut factors = vec![None; sheet.size];
        for group in &sheet.copies {
            let held = group.iter().find_map(|&(column, row)| {
                let lane = column.checked_sub(shape.boundary)?;
                *lanes.get(lane)?.get(row)?
            });
            for &(column, row) in group {
                if column == sheet.factor() && sheet.rows[row].slot == Slot::Early {
                    factors[row] = held;
                }
            }
        }
        let filler = honest.columns()[shape.boundary..][..shape.lanes].iter();
        let filler = filler.map(|column| {
            let mut column = column.clone();
            column.resize(sheet.size, Fr::zero());
            column
        });
        let words = honest.words.iter();
        let shown = match (visibilities.input, visibilities.output) {
            (Visibility::Public, Visibility::Public) => "public",
            (Visibility::Committed, Visibility::Committed) => "committed",
            _ => "mixed",
        };
        let mut case = Self {
            name: format!("{name}, {shown}, {method}"),
            method,
            blocks: blocks(layout, values.len()),
            boundary,
            factors,
            filler: filler.collect(),
            words: words.map(|word| from_word(word).unwrap()).collect(),
            one: 0..0,
            lanes,
            network,
            visibilities,
            srs,
            sheet,
            trace,
            values,
            key,
        };
        case.find_rows();
        let draft = case.draft(&case.values);
        let filled = case.sheet.fill(&draft);
        assert_eq!(case.sheet.violations(&filled), [], "{}: honest", case.name);
        case
    }

    fn find_rows(&mut self) {
        let at = |row: usize| self.lanes.iter().filter_map(move |lane| lane[row]);
        let sums = |row: &usize| self.sheet.rows[*row].kind == Some(Kind::Sum);
        let last = (0..self.sheet.rows.len())
            .filter(sums)
            .find(|&row| at(row).any(|value| value == 0));
        let last = last.unwrap();
        let mut chains = self.sheet.chains().into_iter();
        self.one = chains.find(|chain| chain.contains(&last)).unwrap();
        for block in &mut self.blocks {
            let mine = |row: usize| at(row).any(|value| block.values.contains(&value));
            block.rows = (0..self.sheet.rows.len())
                .filter(|&row| self.sheet.rows[row].checked && mine(row))
                .collect();
        }
    }

    pub fn is_public(&self) -> bool {
        self.visibilities.output == Visibility::Public
    }

    /// Asks the real verifier.
    pub fn verifies(&self, words: &[Word], proof: &[u8]) -> bool {
        self.key.verify(&self.srs, words, proof).is_ok()
    }

    /// Columns of some values, with the honest words.
    pub fn draft(&self, values: &[Fr]) -> Draft {
        let column = |cells: &Vec<Option<usize>>| {
            let cells = cells.iter();
            cells
                .map(|cell| cell.map_or(Fr::zero(), |value| values[value]))
                .collect::<Vec<Fr>>()
        };
        let lanes = self.lanes.iter().zip(&self.filler).map(|(cells, filler)| {
            let cells = cells.iter().zip(filler);
            cells
                .map(|(cell, filler)| cell.map_or(*filler, |value| values[value]))
                .collect()
        });
        Draft {
            boundary: self.boundary.iter().map(column).collect(),
            lanes: lanes.collect(),
            factors: column(&self.factors),
            words: self.words.clone(),
            patch: Patch::None,
            carry: false,
            balance: Balance::Last,
            uses: None,
        }
    }

    /// The same with words that fit.
    pub fn restated(&self, values: &[Fr]) -> Draft {
        let mut draft = self.draft(values);
        self.sheet.restate(&mut draft);
        draft
    }

    /// All values for a trace.
    pub fn values_of(&self, trace: &Trace) -> Vec<Fr> {
        Witness::values_of(self.key.layout(), trace, BINDING)
    }

    /// Blocks whose meaning begins with a text.
    pub fn blocks(&self, meaning: &str) -> Vec<&Block> {
        let blocks = self.blocks.iter();
        blocks
            .filter(|block| block.meaning.starts_with(meaning))
            .collect()
    }

    /// Writes a number into the pieces of some blocks: what does not fit goes into the lowest one.
    pub fn write(&self, values: &mut [Fr], meaning: &str, index: usize, number: i128) {
        let blocks = self.blocks(meaning);
        let mut rest = number;
        for block in blocks.iter().rev() {
            let (offset, width) = (block.number("offset"), block.number("width"));
            let piece = match offset {
                0 => rest,
                _ => (rest >> offset).clamp(0, (1 << width) - 1),
            };
            values[block.values.start + index] = from_int(piece);
            rest -= piece << offset;
        }
    }
}

impl Block {
    /// A number of the meaning, 0 if it has none of that name.
    pub fn number(&self, name: &str) -> u32 {
        let rest = self.meaning.split(&format!("{name}: ")).nth(1);
        let digits = rest.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
        digits.flatten().map_or(0, |digits| digits.parse().unwrap())
    }

    /// What its range check is called in docs/design/soundness.md.
    pub fn check(&self) -> &'static str {
        let starts = |text: &str| self.meaning.starts_with(text);
        let wide = self.number("width") > 0;
        match () {
            () if starts("Tensor { tensor: 0,") => "inputs",
            () if starts("Tensor") && wide => "pieces of a wide output",
            () if starts("Tensor") => "results of nodes",
            () if starts("Remainder") => "remainders",
            () if starts("Entry") => "entries of functions",
            () if starts("StepEntry") => "entries of maxima",
            () if starts("Step") => "raises of maxima",
            () if starts("KeyGap") => "gaps of ranking keys",
            () if starts("OneHot") => "one-hot cells",
            () if self.meaning.contains("part: Entry") => "entries of squares",
            () if self.meaning.contains("part: Square") => "squares",
            () if self.meaning.contains("part: Inverse") => "inverse deviations",
            () if self.meaning.contains("part: Below") => "bracket of the inverse, below",
            () if self.meaning.contains("part: Above") => "bracket of the inverse, above",
            () => "none",
        }
    }
}

/// Reference strings take longer than most of the rest.
fn srs(k: u32) -> Srs {
    static KNOWN: Mutex<BTreeMap<u32, Srs>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap();
    known
        .entry(k)
        .or_insert_with(|| Srs::development(k))
        .clone()
}

fn blocks(layout: &Layout, count: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = vec![];
    for value in 0..count {
        let text = layout.meaning_of(value);
        let (meaning, index) = text.rsplit_once(' ').unwrap();
        if index == "0" {
            blocks.push(Block {
                meaning: meaning.to_owned(),
                values: value..value,
                rows: vec![],
            });
        }
        blocks.last_mut().unwrap().values.end = value + 1;
    }
    blocks
}
