//! What follows the logits and keeps the class: left out, with a note.

use super::{
    super::{
        attributes::refused,
        call::{Call, axis},
        reader::Reader,
        refusal::refuse,
        value::{Activation, Kind, Value},
    },
    Results,
};

/// Softmax, LogSoftmax, ArgMax, Normalizer, ZipMap: left out, so they must come last.
pub(super) fn drop(reader: &mut Reader, call: &Call<'_>) -> Results {
    let x = match call.value(0)? {
        Value::Activation(x) if x.kind == Kind::Ending => x,
        _ => call.activation(0)?,
    };
    let operator = call.node.op_type.as_str();
    let names = [
        "classlabels_int64s",
        "classlabels_strings",
        "norm",
        "keepdims",
        "select_last_index",
    ];
    call.attributes.ignore(&names);
    if matches!(operator, "Softmax" | "LogSoftmax" | "ArgMax") {
        let default = match operator {
            "ArgMax" => 0,
            _ if call.opset < 13 => 1,
            _ => -1,
        };
        let along = axis(call.attributes.int("axis", default), x.shape.len())?;
        // Older Softmax takes every axis from this one on.
        let old = operator != "ArgMax" && call.opset < 13;
        let classes: usize = if old {
            x.shape[along..].iter().product()
        } else {
            x.shape[along]
        };
        if classes != x.shape.iter().product::<usize>() {
            return Err(refused(
                "axis",
                &along,
                "want the axis of the classes, and no other values beside them",
            ));
        }
    }
    let what = match operator {
        "Softmax" | "LogSoftmax" => "the outputs are logits",
        "ArgMax" => "the class is the index of the largest output",
        _ => "the outputs are scores",
    };
    let note = format!(
        "{} ({operator}) is left out: {what}, the class is the same",
        call.name()
    );
    if !reader.graph.notes.contains(&note) {
        reader.graph.notes.push(note);
    }
    let activation = Activation {
        kind: Kind::Ending,
        ..x.clone()
    };
    Ok(vec![Value::Activation(activation)])
}

/// An operator behind one that was left out.
pub(super) fn after(reader: &mut Reader, call: &Call<'_>, x: &Activation) -> Results {
    match call.node.op_type.as_str() {
        "Softmax" | "LogSoftmax" | "ArgMax" | "Normalizer" | "ZipMap" => drop(reader, call),
        // The shape of the outputs does not matter.
        "Identity" | "Cast" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze"
        | "QuantizeLinear" | "DequantizeLinear" => {
            call.attributes
                .ignore(&["to", "axis", "axes", "allowzero", "saturate"]);
            Ok(vec![Value::Activation(x.clone())])
        }
        "Log" => Ok(vec![Value::Activation(x.clone())]),
        _ => refuse(
            "it comes after a Softmax, an ArgMax or another operator that is left out",
            "end the graph at the logits, before the Softmax (--output)",
        ),
    }
}
