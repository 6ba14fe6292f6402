//! Largest and average values of windows.

use super::{
    super::{
        attributes::refused,
        call::Call,
        graph::{Linear, Operation, Term},
        reader::Reader,
        refusal::{Refusal, refuse},
        value::{Activation, Kind, Value},
        view::view,
        windows::Windows,
    },
    Results,
};
use crate::network::Dims;

/// MaxPool, AveragePool.
pub(super) fn window(reader: &mut Reader, call: &Call<'_>) -> Results {
    if call.node.output.iter().skip(1).any(|name| !name.is_empty()) {
        return refuse("output Indices", "export the pool without indices");
    }
    let maximum = call.node.op_type == "MaxPool";
    let x = pooled(call, maximum)?;
    let windows = Windows::of(call, &x.shape, None)?;
    let channels = windows.view.0;
    if windows.dilation != [1, 1] {
        return Err(refused(
            "dilations",
            &windows.dilation,
            "want no dilation in pools",
        ));
    }
    if (0..4).any(|side| windows.padding[side] >= windows.kernel[side % 2]) {
        return Err(refused(
            "pads",
            &windows.padding,
            "want padding smaller than the kernel",
        ));
    }
    let operation = if maximum {
        call.attributes
            .only("storage_order", 0, "want row-major order")?;
        let input = reader.whole(x, &call.name()).tensor;
        Operation::Maximum {
            input,
            view: windows.view,
            kernel: windows.kernel,
            stride: windows.stride,
            padding: windows.padding,
        }
    } else {
        check_counts(call, &windows)?;
        let input = reader.whole(x, &call.name()).tensor;
        let mut mean = mean(input, windows.view, windows.kernel);
        mean.terms.iter_mut().for_each(|term| {
            term.stride = windows.stride;
            term.padding = windows.padding;
        });
        Operation::Linear(mean)
    };
    let tensor = reader.push(&call.name(), operation, windows.dims(channels));
    Ok(vec![Value::Activation(Activation {
        kind: x.kind,
        ..Activation::plain(tensor, windows.shape(channels))
    })])
}

/// Refuses averages whose number of values depends on the window.
fn check_counts(call: &Call<'_>, windows: &Windows) -> Result<(), Refusal> {
    let counts_padding = call.attributes.int("count_include_pad", 0) != 0;
    if windows.extra != [0, 0] {
        return Err(refused(
            "ceil_mode",
            &1,
            "want 0: the windows that it adds average fewer values",
        ));
    }
    if windows.padding != [0; 4] && !counts_padding {
        let remedy = "want 1, or no padding: windows at the border average fewer values";
        return Err(refused("count_include_pad", &0, remedy));
    }
    Ok(())
}

/// The input of a pool; the largest of integers is the largest of what they stand for.
fn pooled<'a>(call: &'a Call<'_>, maximum: bool) -> Result<&'a Activation, Refusal> {
    match call.optional(0) {
        Some(Value::Activation(x)) if maximum && matches!(x.kind, Kind::Integers(_)) => Ok(x),
        _ => call.activation(0),
    }
}

/// GlobalMaxPool, GlobalAveragePool.
pub(super) fn global(reader: &mut Reader, call: &Call<'_>) -> Results {
    let maximum = call.node.op_type == "GlobalMaxPool";
    let x = pooled(call, maximum)?;
    let rank = x.shape.len();
    if rank < 3 || x.shape[0] != 1 {
        return refuse(
            format!("an input of shape {:?}", x.shape),
            "want [1, channels, ..], a batch of 1",
        );
    }
    let Dims(channels, height, width) = view(&x.shape);
    let mut shape = vec![1; rank];
    shape[1] = channels;
    let kind = x.kind;
    let tensor = over_all(
        reader,
        &call.name(),
        x,
        Dims(channels, height, width),
        maximum,
    );
    Ok(vec![Value::Activation(Activation {
        kind,
        ..Activation::plain(tensor, shape)
    })])
}

/// The largest or the average value of every channel of a view.
pub(super) fn over_all(
    reader: &mut Reader,
    name: &str,
    x: &Activation,
    view: Dims,
    maximum: bool,
) -> usize {
    let input = reader.whole(x, name).tensor;
    let kernel = [view.1, view.2];
    let operation = if maximum {
        Operation::Maximum {
            input,
            view,
            kernel,
            stride: [1, 1],
            padding: [0; 4],
        }
    } else {
        Operation::Linear(mean(input, view, kernel))
    };
    reader.push(name, operation, Dims(view.0, 1, 1))
}

/// The average of windows, channel by channel.
fn mean(input: usize, view: Dims, kernel: [usize; 2]) -> Linear {
    let values = kernel[0] * kernel[1];
    let term = Term {
        kernel,
        ..Term::pointwise(
            input,
            view,
            view.0,
            view.0,
            vec![1.0 / values as f64; view.0 * values],
        )
    };
    Linear {
        average: Some(values),
        ..Linear::new(term, vec![0.0; view.0])
    }
}
