//! Activations with another value than the function's, everything behind them recomputed.

use veriregime_circuits::tape::{Rule, Value, Witness};

use crate::{
    forge::{Forger, retrace},
    scale::Scale,
    setup::{Setup, over},
    tally::Tally,
};

pub fn run(setups: &[Setup], _: Scale) -> Tally {
    over(setups, |setup| attack(&Forger::new(setup)))
}

fn attack(forger: &Forger<'_>) -> Tally {
    let mut tally = Tally::default();
    let layout = forger.setup.layout();
    let model = layout.model();
    let honest = model.trace(&forger.setup.inputs(6)).unwrap();
    for (value, _) in forger.values() {
        let Value::Hidden(layer, neuron) = value else {
            continue;
        };
        tally.cells += 1;
        let truth = honest.hidden[layer][neuron];
        for other in [truth + 1, truth - 1, -truth, 0, truth + (1 << 12)] {
            if other == truth {
                continue;
            }
            let mut forged = honest.clone();
            forged.hidden[layer][neuron] = other;
            retrace(model, &mut forged, layer, false);
            let mut witness = Witness::from_trace(layout, &forged, [0; 32]).unwrap();
            forger.settle_value(&mut witness, value);
            let what = || format!("{}: {value:?} = {other}, not {truth}", forger.setup.name);
            forger.carry(&mut witness);
            tally.case(forger.accepts(&witness), what);
            forger.meet(&mut witness);
            tally.case(forger.accepts(&witness), what);
            forger.restart(&mut witness);
            let violations = forger.violations(&witness);
            if model.layers[layer].activation.as_table().is_some() {
                // The sum of argument and value is right; it is not in the table.
                assert!(violations.iter().any(|v| v.rule == Rule::Lookup));
            }
            tally.case(violations.is_empty(), what);
        }
    }
    tally
}
