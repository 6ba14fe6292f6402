//! `veriregime compile`: an ONNX file to a network over the integers.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use veriregime_circuits::onnx::{self, Options, Samples};

use super::{Ending, options, print};

/// Turn an ONNX file into a network over the integers, with a report of what that costs in accuracy.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime compile test/onnx/lenet.onnx --calibrate test/onnx/lenet.json --out target/lenet\n  veriregime compile model.onnx --calibrate data.json --out model --bits 10 --table-bits 14 --dim length=60\n\nCalibration data: [[..], ..] or {\"input_data\": [[..], ..]}, a list of numbers for each input, row-major; a hundred inputs of the kind\nthat will be proven. Writes OUT/network.json and OUT/report.json. Operators, options and how to read the report: docs/onnx.md."
)]
pub(super) struct Compile {
    /// ONNX file: float, or quantised with QuantizeLinear and DequantizeLinear.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// JSON file with inputs that the scales are chosen by.
    #[arg(long, value_name = "DATA")]
    calibrate: PathBuf,
    /// Folder to write network.json and report.json into.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Bits of inner activations, 2 to 12.
    #[arg(long, value_name = "BITS", default_value_t = Options::default().bits)]
    bits: u32,
    /// Bits of the input, 2 to 12.
    #[arg(long, value_name = "BITS", default_value_t = Options::default().input_bits)]
    input_bits: u32,
    /// Bits of weights with their sign, 2 to 16.
    #[arg(long, value_name = "BITS", default_value_t = Options::default().weight_bits)]
    weight_bits: u32,
    /// A table of a function has at most 2^BITS entries, 8 to 14.
    #[arg(long, value_name = "BITS", default_value_t = Options::default().table_bits)]
    table_bits: u32,
    /// Size of a dimension that the file leaves open. Repeat it for each.
    #[arg(long = "dim", value_name = "NAME=SIZE", value_parser = dimension)]
    dims: Vec<(String, usize)>,
    /// Output to prove, where the file has several.
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
}

impl Compile {
    pub(super) fn run(self, json: bool) -> Result<Ending> {
        let options = Options {
            bits: self.bits,
            input_bits: self.input_bits,
            weight_bits: self.weight_bits,
            table_bits: self.table_bits,
            dims: self.dims.into_iter().collect::<BTreeMap<_, _>>(),
            output: self.output,
        };
        let bytes = std::fs::read(&self.model)
            .with_context(|| format!("reading {}", self.model.display()))?;
        let samples = Samples::read(&self.calibrate)?;
        let made = onnx::import(&bytes, &samples, &options)?;
        let (network, report) = (self.out.join("network.json"), self.out.join("report.json"));
        let mut text = serde_json::to_vec_pretty(&made.report)?;
        text.push(b'\n');
        options::write(&report, &text)?;
        made.network.write(&network)?;
        let value = json!({ "network": network, "report": made.report });
        print(json, &value, || {
            format!(
                "{}\nwritten to {} and {}",
                made.report,
                network.display(),
                report.display()
            )
        })?;
        Ok(Ending::Holds)
    }
}

/// NAME=SIZE.
fn dimension(text: &str) -> Result<(String, usize), String> {
    let (name, size) = text.split_once('=').ok_or("want NAME=SIZE")?;
    match size.parse() {
        Ok(size) if size > 0 => Ok((name.to_owned(), size)),
        _ => Err(format!("{size:?} is no size, want a number of at least 1")),
    }
}
