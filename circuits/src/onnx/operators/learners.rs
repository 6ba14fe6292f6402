//! Linear models of the operator set for classical learners, as scikit-learn's converter writes them.

use super::{
    super::{
        attributes::refused,
        call::Call,
        reader::Reader,
        refusal::refuse,
        value::{Activation, Kind, Value},
    },
    Results,
    dense::{Matrix, product},
};

/// LinearClassifier, LinearRegressor.
pub(super) fn linear(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = call.activation(0)?;
    let attributes = &call.attributes;
    let classifier = call.node.op_type == "LinearClassifier";
    attributes.ignore(&[
        "classlabels_ints",
        "classlabels_strings",
        "multi_class",
        "targets",
    ]);
    let inputs = x.shape.last().copied().unwrap_or(1).max(1);
    let mut weights = attributes.floats("coefficients").unwrap_or_default();
    if weights.is_empty() || !weights.len().is_multiple_of(inputs) {
        let remedy = format!("want a whole number of rows of {inputs}");
        return Err(refused(
            "coefficients",
            &format!("{} values", weights.len()),
            &remedy,
        ));
    }
    let mut bias = attributes.floats("intercepts").unwrap_or_default();
    let rows = weights.len() / inputs;
    if bias.is_empty() {
        bias = vec![0.0; rows];
    }
    if bias.len() != rows {
        return Err(refused("intercepts", &bias, &format!("want {rows}")));
    }
    if !weights.iter().chain(&bias).all(|v| v.is_finite()) {
        return refuse("coefficients that are not finite", "want finite numbers");
    }
    // One row decides between two classes: the other one's is its opposite.
    if classifier && rows == 1 {
        let opposite: Vec<f64> = weights.iter().map(|w| -w).collect();
        weights = [opposite, weights].concat();
        bias = vec![-bias[0], bias[0]];
    }
    let matrix = Matrix {
        outputs: bias.len(),
        inputs,
        weights,
        step: None,
    };
    let result = product(reader, &call.name(), x, matrix, bias)?;
    let transform = attributes.string("post_transform", "NONE");
    let result = match transform.as_str() {
        "NONE" => result,
        "SOFTMAX" | "LOGISTIC" => {
            let note = format!(
                "{} (post_transform {transform}) is left out: the outputs are logits, the class is the same",
                call.name()
            );
            reader.graph.notes.push(note);
            Activation {
                kind: Kind::Ending,
                ..result
            }
        }
        other => {
            return Err(refused(
                "post_transform",
                other,
                "want NONE, SOFTMAX or LOGISTIC",
            ));
        }
    };
    let scores = Value::Activation(result);
    Ok(if classifier {
        vec![Value::Nothing, scores]
    } else {
        vec![scores]
    })
}

/// Scaler: (x - offset) scale.
pub(super) fn scaler(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = call.activation(0)?;
    let inputs = x.shape.iter().product::<usize>();
    let get = |name: &str, fill: f64| {
        let values = call.attributes.floats(name).unwrap_or_default();
        match values.as_slice() {
            [] => Ok(vec![fill; inputs]),
            [value] => Ok(vec![*value; inputs]),
            values if values.len() == inputs => Ok(values.to_vec()),
            values => Err(refused(
                name,
                &values.len(),
                &format!("want {inputs} values"),
            )),
        }
    };
    let (offset, scale) = (get("offset", 0.0)?, get("scale", 1.0)?);
    if !offset.iter().chain(&scale).all(|v| v.is_finite()) {
        return refuse("scales that are not finite", "want finite numbers");
    }
    let offsets = offset.iter().zip(&scale).map(|(o, s)| -o * s).collect();
    Ok(vec![Value::Activation(reader.affine(
        x,
        scale,
        offsets,
        &call.name(),
    ))])
}
