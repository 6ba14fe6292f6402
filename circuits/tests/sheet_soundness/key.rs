//! A sheet's proving key, opened: gates, fixed columns and copies are those the prover has, not those
//! of the code that fills sheets.

use std::collections::HashMap;

use halo2_axiom::{halo2curves::ff::Field, plonk::Expression};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use veriregime_circuits::{
    field::Fr,
    sheet::{Shape, SheetKey},
};

/// What a row does with the accumulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Sum,
    Multiply,
    Positions,
    Channels,
    Mixed,
}

/// In the order of the fixed columns.
pub const KINDS: [Kind; 5] = [
    Kind::Sum,
    Kind::Multiply,
    Kind::Positions,
    Kind::Channels,
    Kind::Mixed,
];

/// What stands in a row's factor column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    None,
    /// A value of phase 1.
    Early,
    /// A value of phase 2 that this row defines.
    Define(usize),
    /// A value of phase 2 that an earlier row defines.
    Use(usize),
}

#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub kind: Option<Kind>,
    pub open: bool,
    pub checked: bool,
    pub slot: Slot,
}

/// A cell: advice column and row.
pub type Place = (usize, usize);

#[derive(Debug, Clone)]
pub struct Sheet {
    pub shape: Shape,
    /// Rows, reserved ones included.
    pub size: usize,
    pub stride: usize,
    pub words: usize,
    pub gates: Vec<Expression<Fr>>,
    pub fixed: Vec<Vec<Fr>>,
    /// Cells that must be equal.
    pub copies: Vec<Vec<Place>>,
    /// t, s, beta.
    pub challenges: [Fr; 3],
    pub rows: Vec<Row>,
    /// Values of phase 2.
    pub late: usize,
    /// Rows of the table column by entry.
    pub table: HashMap<[u8; 32], usize>,
}

impl Sheet {
    pub fn open(key: &SheetKey) -> Self {
        let layout = key.layout();
        let shape = layout.shape;
        let cs = key.plonk().get_vk().cs();
        let gates = cs.gates().iter();
        let fixed = key.plonk().fixed_values().iter();
        let mut sheet = Self {
            shape,
            size: 1 << shape.k,
            stride: layout.stride(),
            words: layout.words(),
            gates: gates.flat_map(|gate| gate.polynomials().to_vec()).collect(),
            fixed: fixed.map(|column| column.to_vec()).collect(),
            copies: copies(key),
            challenges: challenges(1),
            rows: vec![],
            late: 0,
            table: HashMap::new(),
        };
        assert_eq!(sheet.gates.len(), 4 + shape.helpers());
        sheet.find_rows();
        sheet.find_table();
        sheet
    }

    /// Other challenges for the same columns.
    pub fn with_challenges(&self, challenges: [Fr; 3]) -> Self {
        Self {
            challenges,
            ..self.clone()
        }
    }

    /// Rows of the table column that count, and one more.
    pub fn height(&self) -> usize {
        self.shape.rows()
    }

    /// Column of the multiplicities; those of phase 2 follow.
    pub fn uses(&self) -> usize {
        self.shape.boundary + self.shape.lanes
    }

    pub fn factor(&self) -> usize {
        self.uses() + 2
    }

    pub fn weight(&self, lane: usize, row: usize) -> Fr {
        self.fixed[lane][row]
    }

    pub fn factor_weight(&self, row: usize) -> Fr {
        self.fixed[self.shape.lanes][row]
    }

    fn kind(&self, row: usize) -> Option<Kind> {
        let first = self.shape.lanes + 1;
        let set = |index: &usize| self.fixed[first + index][row] != Fr::ZERO;
        (0..KINDS.len()).find(set).map(|index| KINDS[index])
    }

    pub fn open_column(&self) -> usize {
        self.shape.lanes + 6
    }

    pub fn checked_column(&self) -> usize {
        self.shape.lanes + 7
    }

    pub fn base_column(&self) -> usize {
        self.shape.lanes + 8
    }

    pub fn table_column(&self) -> usize {
        self.shape.lanes + 9
    }

    /// Reads rows out of the fixed columns, and late values out of the copies.
    fn find_rows(&mut self) {
        let one = |column: usize, row: usize| self.fixed[column][row] != Fr::ZERO;
        let mut rows: Vec<Row> = (0..self.height())
            .map(|row| Row {
                kind: self.kind(row),
                open: one(self.open_column(), row),
                checked: one(self.checked_column(), row),
                slot: Slot::None,
            })
            .collect();
        let used = |row: usize, kind: Option<Kind>| match kind {
            Some(Kind::Sum) => self.factor_weight(row) != Fr::ZERO,
            Some(Kind::Multiply) => true,
            _ => false,
        };
        let mut late = 0;
        let mut known = vec![false; rows.len()];
        for group in &self.copies {
            let mine = || group.iter().filter(|(column, _)| *column == self.factor());
            let early = mine().count() < group.len();
            let first = mine().map(|(_, row)| *row).min();
            for &(_, row) in mine() {
                known[row] = true;
                rows[row].slot = match early {
                    true => Slot::Early,
                    false if Some(row) == first => Slot::Define(late),
                    false => Slot::Use(late),
                };
            }
            late += usize::from(!early);
        }
        for (index, row) in rows.iter_mut().enumerate() {
            if used(index, row.kind) && !known[index] {
                row.slot = Slot::Define(late);
                late += 1;
            }
            if matches!(row.slot, Slot::Define(_)) {
                assert_eq!(row.kind, Some(Kind::Sum));
                assert_eq!(self.factor_weight(index), -Fr::ONE);
            }
        }
        self.rows = rows;
        self.late = late;
    }

    fn find_table(&mut self) {
        let column = &self.fixed[self.table_column()][..self.height()];
        self.table = HashMap::new();
        for (row, entry) in column.iter().enumerate() {
            self.table.entry(entry.to_bytes()).or_insert(row);
        }
    }

    /// Without the lookups of some rows, as if their values had no table.
    pub fn without_lookups(&self, rows: &[usize]) -> Self {
        let mut sheet = self.clone();
        let (checked, base) = (self.checked_column(), self.base_column());
        for &row in rows {
            sheet.rows[row].checked = false;
            sheet.fixed[checked][row] = Fr::ZERO;
            sheet.fixed[base][row] = Fr::ZERO;
        }
        sheet
    }

    /// With all tables at offset zero.
    pub fn without_offsets(&self) -> Self {
        let mut sheet = self.clone();
        let (base, table) = (self.base_column(), self.table_column());
        for row in 0..self.height() {
            if self.rows[row].checked {
                sheet.fixed[base][row] = Fr::ZERO;
            }
            let entry = number(&self.fixed[table][row]).unwrap();
            sheet.fixed[table][row] = Fr::from(entry & ((1 << 40) - 1));
        }
        sheet.find_table();
        sheet
    }

    /// Chains: from a row whose accumulator must be zero to the next.
    pub fn chains(&self) -> Vec<std::ops::Range<usize>> {
        let open = (0..self.rows.len()).filter(|&row| self.rows[row].open);
        let open: Vec<usize> = open.collect();
        open.windows(2).map(|pair| pair[0]..pair[1]).collect()
    }

    /// First row of a public word.
    pub fn word_row(&self, word: usize) -> usize {
        word * self.stride
    }
}

/// A field element below 2^64.
pub fn number(value: &Fr) -> Option<u64> {
    let bytes = value.to_bytes();
    let (low, high) = bytes.split_at(8);
    let small = high.iter().all(|&byte| byte == 0);
    small.then(|| u64::from_le_bytes(low.try_into().unwrap()))
}

/// t, s and beta, drawn.
pub fn challenges(seed: u64) -> [Fr; 3] {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    [(); 3].map(|()| Fr::random(&mut rng))
}

/// The permutation polynomials as groups of cells: value delta^i omega^row is a cell.
fn copies(key: &SheetKey) -> Vec<Vec<Place>> {
    use halo2_axiom::halo2curves::ff::PrimeField;

    let plonk = key.plonk();
    let columns = plonk.get_vk().cs().permutation().get_columns();
    let rows = 1usize << key.layout().shape.k;
    let omega = plonk.get_vk().get_domain().get_omega();
    let mut places = HashMap::with_capacity(rows * columns.len());
    let mut start = Fr::ONE;
    for index in 0..columns.len() {
        let mut value = start;
        for row in 0..rows {
            places.insert(value.to_bytes(), (index, row));
            value *= omega;
        }
        start *= Fr::DELTA;
    }
    let next = |(index, row): Place| {
        let sigma = &plonk.permutation().permutations()[index];
        places[&sigma[row].to_bytes()]
    };
    let mut seen = vec![vec![false; rows]; columns.len()];
    let mut groups = vec![];
    for index in 0..columns.len() {
        for row in 0..rows {
            let mut group = vec![];
            let mut at = (index, row);
            while !std::mem::replace(&mut seen[at.0][at.1], true) {
                group.push((columns[at.0].index(), at.1));
                at = next(at);
            }
            if group.len() > 1 {
                groups.push(group);
            }
        }
    }
    groups
}
