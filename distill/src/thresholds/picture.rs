//! The study as stacked bars.

use crate::plot::{Axis, BarSeries, Bars, Panel};
use veriregime_features::labels::CLASS_NAMES;

use super::{Study, page::percent};

pub(super) fn of(study: &Study) -> Bars {
    let thetas = study.parts.first().map(|part| part.shares.iter());
    Bars {
        title: format!(
            "Classes of the {}-minute label by threshold",
            study.horizon_minutes
        ),
        x: "threshold theta (%)".to_owned(),
        y: Axis::numbers("share (%)").within(0.0, 100.0),
        categories: thetas
            .into_iter()
            .flatten()
            .map(|shares| percent(shares.theta).to_string())
            .collect(),
        panels: study
            .parts
            .iter()
            .map(|part| Panel {
                name: format!("{} ({} windows)", part.name, part.windows),
                series: (CLASS_NAMES.iter().enumerate())
                    .map(|(class, name)| BarSeries {
                        name: (*name).to_owned(),
                        values: (part.shares.iter())
                            .map(|row| row.shares[class] * 100.0)
                            .collect(),
                        errors: None,
                    })
                    .collect(),
            })
            .collect(),
        stacked: true,
    }
}
