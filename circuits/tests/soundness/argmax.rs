//! The class: ties of two and three, a class that is not the largest, a class out of range.

use halo2_axiom::halo2curves::ff::{Field, PrimeField};
use veriregime_circuits::{
    field::{Fr, from_int},
    public::{PublicInputs, Statement},
    tape::{Cell, Rule, Value, Witness},
};

use crate::{
    forge::Forger,
    scale::Scale,
    setup::{Setup, each_range, over},
    support::random_model,
    tally::Tally,
};

pub fn run(setups: &[Setup], _: Scale) -> Tally {
    let ties = tied(&[0, 0, 0])
        .into_iter()
        .chain(tied(&[0, 1, 1]))
        .collect::<Vec<_>>();
    over(setups, |setup| wrong_classes(&Forger::new(setup)))
        + over(&ties, |setup| wrong_classes(&Forger::new(setup)))
}

/// Three classes, each with the weights of a class: equal ones always tie.
fn tied(classes: &[usize]) -> Vec<Setup> {
    let mut model = random_model(13, &[3, 2, 3], 4, &[1, 1, 1]);
    let last = model.layers.last_mut().unwrap();
    let (weights, bias) = (last.weights.clone(), last.bias.clone());
    last.weights = classes.iter().map(|&c| weights[c].clone()).collect();
    last.bias = classes
        .iter()
        .map(|&c| bias[c] + 100_000 * c as i64)
        .collect();
    let setups = each_range(&format!("ties {classes:?}"), &model);
    for setup in &setups {
        let statement = setup.witness(7).public_inputs.decode().unwrap();
        let top = statement.logits.iter().max();
        let first = statement.logits.iter().position(|y| Some(y) == top);
        assert_eq!(Some(statement.class), first);
        let equal = statement.logits.iter().filter(|y| Some(*y) == top).count();
        assert!(equal >= 2, "{:?}", statement.logits);
    }
    setups
}

/// The honest tape with another class wherever the class stands.
fn claim(forger: &Forger<'_>, honest: &Witness, class: usize) -> Witness {
    let layout = forger.setup.layout();
    let statement = Statement {
        class,
        ..honest.public_inputs.decode().unwrap()
    };
    let mut witness = honest.clone();
    witness.public_inputs = PublicInputs::encode(layout.schema, &statement).unwrap();
    for index in 0..layout.schema.classes {
        let hot = Fr::from(u64::from(index == class));
        forger.set(&mut witness, Value::OneHot(index), hot);
    }
    forger.set(&mut witness, Value::Class, Fr::from(class as u64 + 1));
    witness
}

fn wrong_classes(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let classes = forger.setup.layout().schema.classes;
    let honest = forger.setup.witness(7);
    let statement = honest.public_inputs.decode().unwrap();
    assert!(forger.accepts(&honest));
    let key = |class: usize| {
        let classes = classes as i128;
        classes * i128::from(statement.logits[class]) + classes - 1 - class as i128
    };
    for class in (0..classes).filter(|&class| class != statement.class) {
        tally.cells += 1;
        let mut try_ = |mut witness: Witness, how: &str| {
            forger.restart(&mut witness);
            let violations = forger.violations(&witness);
            tally.case(violations.is_empty(), || {
                format!("{}: class {class}, {how}", forger.setup.name)
            });
            violations
        };
        // Claimed, nothing else changed: the selected gap is not zero.
        let claimed = claim(forger, &honest, class);
        try_(claimed.clone(), "claimed");
        // Its key as the largest: the gap of the true class is negative.
        let mut lowered = claimed.clone();
        let shift = from_int(key(statement.class) - key(class));
        for value in (0..classes).map(Value::KeyGap).chain([Value::TopKey]) {
            let held = forger.get(&honest, value);
            forger.set(&mut lowered, value, held - shift);
            forger.settle_value(&mut lowered, value);
        }
        let violations = try_(lowered, "with its key as the largest");
        assert!(violations.iter().all(|v| forger.is_range(v.rule)));
        // The class as a multiple of the true one's index, or nothing selected for class 0: only the
        // sum of the selection is wrong, and its range where the multiple is no digit.
        let index = Fr::from(statement.class as u64);
        let factor = Fr::from(class as u64) * index.invert().unwrap_or(Fr::ZERO);
        if statement.class != 0 {
            let mut scaled = claimed.clone();
            forger.set(&mut scaled, Value::OneHot(class), Fr::ZERO);
            forger.set(&mut scaled, Value::OneHot(statement.class), factor);
            try_(scaled, "as a multiple");
        }
        // A gap of zero where it is selected: only that cell's copy is wrong.
        let mut untied = claimed;
        let gap = forger.places(Cell::Whole(Value::KeyGap(class)));
        let selected = gap.iter().find(|(row, _)| forger.rows()[*row].multiplies);
        let &(row, lane) = selected.unwrap();
        untied.lanes[lane][row] = Fr::ZERO;
        let violations = try_(untied, "with an untied gap");
        assert!(violations.iter().all(|v| matches!(v.rule, Rule::Copy(_))));
    }
    tally + selections(forger, &honest) + out_of_range(forger, &honest, statement.class)
}

/// Selections that are no one-hot vector.
fn selections(forger: &Forger<'_>, honest: &Witness) -> Tally {
    let mut tally = Tally::default();
    let classes = forger.setup.layout().schema.classes;
    let class = honest.public_inputs.decode().unwrap().class;
    for other in (0..classes).filter(|&other| other != class) {
        let values = [
            (Fr::ONE, Fr::ONE),
            (Fr::ZERO, Fr::ZERO),
            (Fr::from(2), -Fr::ONE),
            (-Fr::ONE, Fr::from(2)),
            (Fr::TWO_INV, Fr::TWO_INV),
        ];
        for (mine, others) in values {
            tally.cells += 1;
            let mut witness = honest.clone();
            forger.set(&mut witness, Value::OneHot(class), mine);
            forger.set(&mut witness, Value::OneHot(other), others);
            forger.restart(&mut witness);
            tally.case(forger.accepts(&witness), || {
                format!("{}: selection {mine:?} {others:?}", forger.setup.name)
            });
        }
    }
    tally
}

/// Classes that the model does not have, and sums of indices that make one.
fn out_of_range(forger: &Forger<'_>, honest: &Witness, class: usize) -> Tally {
    let mut tally = Tally::default();
    let classes = forger.setup.layout().schema.classes;
    for wrong in [classes, classes + 1, 255] {
        tally.cells += 1;
        let mut witness = claim(forger, honest, wrong);
        // No class is selected; then the true one is.
        forger.restart(&mut witness);
        tally.case(forger.accepts(&witness), || format!("class {wrong}"));
        forger.set(&mut witness, Value::OneHot(class), Fr::ONE);
        forger.restart(&mut witness);
        tally.case(forger.accepts(&witness), || format!("class {wrong}"));
    }
    tally
}
