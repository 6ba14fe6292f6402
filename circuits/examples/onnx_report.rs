//! Imports ONNX files with their calibration data and prints the reports.
#![allow(clippy::unwrap_used, missing_docs, reason = "an example")]
use veriregime_circuits::onnx::{Model, Options, Samples};

fn main() {
    for name in std::env::args().skip(1) {
        let bytes = std::fs::read(format!("test/onnx/{name}.onnx")).unwrap();
        let text = std::fs::read(format!("test/onnx/{name}.json")).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let rows = |field: &str| -> Vec<Vec<f64>> {
            let list = json[field].as_array().unwrap();
            list.iter()
                .map(|row| row.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect())
                .collect()
        };
        let (inputs, outputs) = (rows("input_data"), rows("output_data"));
        println!("== {name}");
        let options = Options::default();
        let model = match Model::read(&bytes, &options) {
            Ok(model) => model,
            Err(error) => {
                println!("REFUSED {error}");
                continue;
            }
        };
        let worst = inputs
            .iter()
            .zip(&outputs)
            .flat_map(|(x, want)| model.evaluate(x).into_iter().zip(want.clone()))
            .map(|(got, want)| (got - want).abs())
            .fold(0.0, f64::max);
        println!("float difference from onnxruntime {worst:.2e}");
        match model.quantise(&Samples::parse(&text).unwrap(), &options) {
            Ok(import) => println!("{}", import.report),
            Err(error) => println!("REFUSED {error}"),
        }
    }
}
