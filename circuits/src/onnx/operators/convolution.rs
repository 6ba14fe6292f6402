//! Conv, and zeros around a value.

use super::{
    super::{
        attributes::refused,
        call::{Call, axis},
        graph::{Linear, Operation, Term},
        reader::Reader,
        refusal::{Refusal, refuse},
        tensor::Tensor,
        value::{Activation, Constant, Value},
        view::size,
        windows::Windows,
    },
    Results,
};

/// Conv.
pub(super) fn conv(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = call.activation(0)?;
    call.numbers(1)?;
    let bias = match call.optional(2) {
        None => None,
        Some(_) => Some(call.numbers(2)?),
    };
    let result = convolve(reader, call, x, call.stepped(1)?, bias)?;
    Ok(vec![Value::Activation(result)])
}

/// The convolution of an activation.
pub(super) fn convolve(
    reader: &mut Reader,
    call: &Call<'_>,
    x: &Activation,
    weights: &Constant,
    bias: Option<&Tensor>,
) -> Result<Activation, Refusal> {
    let dims = &weights.tensor.dims;
    let Some((&[outputs, fan], kernel)) = dims.split_first_chunk::<2>() else {
        return refuse(
            format!("weights of shape {dims:?}"),
            "want [outputs, inputs of a group, kernel..]",
        );
    };
    let windows = Windows::of(call, &x.shape, Some(kernel))?;
    let groups = usize::try_from(call.attributes.int("group", 1)).unwrap_or(0);
    let channels = windows.view.0;
    let divides = |n: usize| groups > 0 && n.is_multiple_of(groups);
    if !divides(channels) || !divides(outputs) || channels / groups != fan {
        return Err(refused(
            "group",
            &groups,
            &format!(
                "want a divisor of {channels} channels and {outputs} outputs that leaves {fan} channels to a group"
            ),
        ));
    }
    let bias = match bias {
        None => vec![0.0; outputs],
        Some(bias) if bias.values.len() == outputs => bias.values.clone(),
        Some(bias) => {
            return refuse(
                format!("bias of shape {:?} for {outputs} outputs", bias.dims),
                "want one bias per output",
            );
        }
    };
    size(&windows.shape(outputs))?;
    let input = reader.whole(x, &call.name());
    let term = Term {
        input: input.tensor,
        view: windows.view,
        outputs,
        weights: weights.tensor.values.clone(),
        kernel: windows.kernel,
        stride: windows.stride,
        padding: windows.padding,
        dilation: windows.dilation,
        groups,
        pin: weights.step,
    };
    let operation = Operation::Linear(Linear::new(term, bias));
    let tensor = reader.push(&call.name(), operation, windows.dims(outputs));
    Ok(Activation::plain(tensor, windows.shape(outputs)))
}

/// Pad with zeros along the spatial axes.
pub(super) fn pad(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = call.activation(0)?;
    let mode = call.attributes.string("mode", "constant");
    if mode != "constant" {
        return Err(refused("mode", &mode, "want constant"));
    }
    let fill = match call.optional_constant(2)? {
        None => call.attributes.float("value", 0.0),
        Some(value) => value.scalar().unwrap_or(f64::NAN),
    };
    if fill != 0.0 {
        return refuse(format!("padding with {fill}"), "pad with zeros");
    }
    let rank = x.shape.len();
    let pads = call.integers("pads", 1)?.unwrap_or_default();
    let axes = match call.optional_constant(3)? {
        None => (0..rank).collect(),
        Some(axes) => axes
            .to_integers()
            .iter()
            .map(|&a| axis(a, rank))
            .collect::<Result<Vec<_>, _>>()?,
    };
    if pads.len() != 2 * axes.len() || pads.iter().any(|&p| !(0..=1 << 16).contains(&p)) {
        return Err(refused(
            "pads",
            &pads,
            "want a begin and an end for every axis, none negative",
        ));
    }
    let mut around = vec![(0usize, 0usize); rank];
    for (at, &axis) in axes.iter().enumerate() {
        around[axis] = (pads[at] as usize, pads[at + axes.len()] as usize);
    }
    let (view, padding) = match (x.shape.as_slice(), around.as_slice()) {
        (_, around) if around.iter().all(|&p| p == (0, 0)) => {
            return Ok(vec![Value::Activation(x.clone())]);
        }
        (&[1, c, w], &[(0, 0), (0, 0), (left, right)]) => {
            (crate::network::Dims(c, 1, w), [0, left, 0, right])
        }
        (&[1, c, h, w], &[(0, 0), (0, 0), (top, bottom), (left, right)]) => {
            (crate::network::Dims(c, h, w), [top, left, bottom, right])
        }
        _ => {
            return Err(refused(
                "pads",
                &pads,
                "want padding of the spatial axes only, of a batch of 1",
            ));
        }
    };
    let shape: Vec<usize> = x
        .shape
        .iter()
        .zip(&around)
        .map(|(d, (a, b))| d + a + b)
        .collect();
    size(&shape)?;
    let input = reader.whole(x, &call.name());
    let mut term = Term::diagonal(input.tensor, view, vec![1.0; view.0]);
    term.padding = padding;
    let linear = Linear::new(term, vec![0.0; view.0]);
    let [top, left, bottom, right] = padding;
    let dims = crate::network::Dims(view.0, view.1 + top + bottom, view.2 + left + right);
    let tensor = reader.push(&call.name(), Operation::Linear(linear), dims);
    Ok(vec![Value::Activation(Activation::plain(tensor, shape))])
}
