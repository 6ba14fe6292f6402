//! BatchNormalization and LayerNormalization.

use super::{
    super::{
        attributes::refused,
        call::{Call, axis},
        graph::Operation,
        reader::Reader,
        refusal::refuse,
        value::{Activation, Value},
    },
    Results,
};

/// BatchNormalization outside training: a factor and an offset for each channel.
pub(super) fn batch(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = call.activation(0)?;
    call.attributes.ignore(&["momentum"]);
    call.attributes
        .only("training_mode", 0, "export the model for inference")?;
    call.attributes
        .only("spatial", 1, "want one mean for each channel")?;
    let epsilon = call.attributes.float("epsilon", 1e-5);
    let channels = *x.shape.get(1).unwrap_or(&1);
    let parameters = (1..5)
        .map(|i| call.numbers(i))
        .collect::<Result<Vec<_>, _>>()?;
    let [scale, bias, mean, variance] = parameters.as_slice() else {
        return refuse("inputs are missing", "want scale, bias, mean and variance");
    };
    if let Some(wrong) = parameters
        .iter()
        .find(|tensor| tensor.values.len() != channels)
    {
        return refuse(
            format!("{} values for {channels} channels", wrong.values.len()),
            "want one for each channel",
        );
    }
    let factors: Vec<f64> = scale
        .values
        .iter()
        .zip(&variance.values)
        .map(|(s, v)| s / (v + epsilon).sqrt())
        .collect();
    if factors.iter().any(|f| !f.is_finite()) {
        return refuse(
            "a variance that is not positive",
            "train the model before export",
        );
    }
    let offsets = bias
        .values
        .iter()
        .zip(&mean.values)
        .zip(&factors)
        .map(|((b, m), f)| b - m * f);
    let offsets: Vec<f64> = offsets.collect();
    let positions: usize = x.shape.iter().skip(2).product();
    let batch = x.shape.first().copied().unwrap_or(1);
    let spread = |values: &[f64]| {
        let channels = values
            .iter()
            .flat_map(|&v| std::iter::repeat_n(v, positions));
        let one: Vec<f64> = channels.collect();
        one.repeat(batch)
    };
    let result = reader.affine(x, spread(&factors), spread(&offsets), &call.name());
    Ok(vec![
        Value::Activation(result),
        Value::Nothing,
        Value::Nothing,
        Value::Nothing,
        Value::Nothing,
    ])
}

/// LayerNormalization over the last axes.
pub(super) fn layer(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = call.activation(0)?;
    call.attributes.ignore(&["stash_type"]);
    let epsilon = call.attributes.float("epsilon", 1e-5);
    let first = axis(call.attributes.int("axis", -1), x.shape.len())?;
    let group: usize = x.shape[first..].iter().product();
    if group < 2 {
        return Err(refused(
            "axis",
            &first,
            "want groups of at least two values",
        ));
    }
    if !(epsilon.is_finite() && epsilon >= 0.0) {
        return Err(refused("epsilon", &epsilon, "want a small positive number"));
    }
    let scale = call.numbers(1)?.values.clone();
    let bias = match call.optional(2) {
        None => vec![0.0; group],
        Some(_) => call.numbers(2)?.values.clone(),
    };
    if scale.len() != group || bias.len() != group {
        return refuse(
            format!(
                "{} scales and {} biases for groups of {group}",
                scale.len(),
                bias.len()
            ),
            "want one of each for a value of the group",
        );
    }
    let input = reader.whole(x, &call.name()).tensor;
    let operation = Operation::Norm {
        input,
        epsilon,
        scale,
        bias,
    };
    let dims = reader.graph.dims(input);
    let tensor = reader.push(&call.name(), operation, dims);
    let result = Value::Activation(Activation::plain(tensor, x.shape.clone()));
    Ok(vec![result, Value::Nothing, Value::Nothing])
}
