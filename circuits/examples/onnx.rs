//! Imports ONNX files with their calibration data: `FROM/NAME.onnx` and `FROM/NAME.json` become `TO/NAME/network.json` and
//! `TO/NAME/report.json`.
//!
//! ```text
//! cargo run --release --package veriregime-circuits --example onnx -- test/onnx target/onnx [NAME ..]
//! ```

use std::{error::Error, fs, path::Path};

use veriregime_circuits::onnx::{Options, Samples, import};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("want a folder of ONNX files and one for the networks".into());
    };
    let (from, to) = (Path::new(&from), Path::new(&to));
    let mut names: Vec<String> = arguments.collect();
    if names.is_empty() {
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "onnx")
            {
                names.extend(
                    path.file_stem()
                        .map(|name| name.to_string_lossy().into_owned()),
                );
            }
        }
        names.sort();
    }
    for name in names {
        let bytes = fs::read(from.join(format!("{name}.onnx")))?;
        let samples = Samples::read(&from.join(format!("{name}.json")))?;
        let made = import(&bytes, &samples, &Options::default())?;
        let folder = to.join(&name);
        fs::create_dir_all(&folder)?;
        made.network.write(&folder.join("network.json"))?;
        fs::write(
            folder.join("report.json"),
            serde_json::to_string_pretty(&made.report)?,
        )?;
        println!("{name}\n{}\n", made.report);
    }
    Ok(())
}
