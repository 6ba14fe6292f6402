//! A report as a table, for people.

use super::{Agreement, Input, Report};

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{:<24} {:<8} {:>14} {:>22} {:>15} {:>4} {:>8} {:>10} {:>10} {:>9} {:>9} {:>6}",
            "node",
            "kind",
            "shape",
            "worst case",
            "calibrated",
            "bits",
            "divisor",
            "scale",
            "table",
            "max err",
            "rel err",
            "cut"
        )?;
        for layer in &self.layers {
            let [low, high] = layer.worst_case;
            let [least, most] = layer.calibrated;
            let shown = |value: Option<String>| value.unwrap_or_default();
            writeln!(
                f,
                "{:<24} {:<8} {:>14} {:>22} {:>15} {:>4} {:>8} {:>10.3e} {:>10} {:>9.2e} {:>8.2}% {:>5.1}%",
                short(&layer.node),
                layer.kind,
                layer.dims.to_string(),
                format!("{low}..{high}"),
                format!("{least}..{most}"),
                shown(layer.bits.map(|bits| bits.to_string())),
                shown(layer.divisor.map(|divisor| divisor.to_string())),
                layer.scale,
                shown(
                    layer
                        .table
                        .map(|[table, entries]| format!("{table}: {entries}"))
                ),
                layer.error.max,
                layer.error.relative * 100.0,
                layer.saturated * 100.0,
            )?;
        }
        let Input {
            low,
            high,
            scale,
            saturated,
            ..
        } = &self.input;
        writeln!(
            f,
            "input: round(value / {scale:e}) within {low}..={high}, {:.2}% cut off",
            saturated * 100.0
        )?;
        writeln!(f, "output: times {:e}", self.output_scale)?;
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        let Agreement { inputs, same_class } = self.agreement;
        write!(
            f,
            "class as over the reals: {same_class} of {inputs} calibration inputs"
        )
    }
}

/// The end of a long name, which tells more than its beginning.
fn short(name: &str) -> String {
    let count = name.chars().count();
    name.chars().skip(count.saturating_sub(24)).collect()
}
