//! Which output of a file is proven.

use super::{
    error::Error,
    options::Options,
    proto::{DOUBLE, FLOAT, GraphProto, ValueInfoProto},
};

/// The output asked for; else the only one; else the only one of real numbers (classifiers have a label beside it).
pub(super) fn choose(graph: &GraphProto, options: &Options) -> Result<String, Error> {
    let names: Vec<&str> = graph
        .output
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    let refuse = |problem: String| Error::Graph {
        place: "outputs".into(),
        problem,
        remedy: format!("choose one of {names:?} with --output"),
    };
    if let Some(wanted) = &options.output {
        return match names.contains(&wanted.as_str()) {
            true => Ok(wanted.clone()),
            false => Err(refuse(format!("there is no {wanted:?}"))),
        };
    }
    if let [only] = names.as_slice() {
        return Ok((*only).to_owned());
    }
    let element = |output: &ValueInfoProto| {
        let tensor = output.r#type.as_ref()?.tensor_type.as_ref()?;
        Some(tensor.elem_type)
    };
    let real = |output: &&ValueInfoProto| matches!(element(output), Some(FLOAT | DOUBLE));
    // A list of probabilities by class has no tensor type.
    let listed = |output: &&ValueInfoProto| element(output).is_none();
    let only = |keep: &dyn Fn(&&ValueInfoProto) -> bool| {
        let mut kept = graph.output.iter().filter(keep);
        match (kept.next(), kept.next()) {
            (Some(output), None) => Some(output.name.clone()),
            _ => None,
        }
    };
    only(&real)
        .or_else(|| only(&listed))
        .ok_or_else(|| refuse(format!("there are {}", names.len())))
}
