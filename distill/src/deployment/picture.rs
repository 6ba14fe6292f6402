//! The Pareto figures: score on the test part against proving time, and against gas, every configuration a point.

use super::Report;
use super::configuration::Network;
use super::report::Row;
use super::work::name;
use crate::Error;
use crate::plot::{self, Axis, Group, Point, Scatter};

/// Score against median proving time.
///
/// # Errors
/// [`Error::Plot`] when it cannot be drawn.
pub fn time(report: &Report) -> Result<String, Error> {
    let place = |row: &Row| Some(row.figures.prove.median);
    let points = groups(report, &place);
    draw(
        "Score against proving time",
        "median proving time, s",
        points,
    )
}

/// Score against gas of the verifier; `None` if the chain was not asked.
///
/// # Errors
/// [`Error::Plot`] when it cannot be drawn.
pub fn gas(report: &Report) -> Result<Option<String>, Error> {
    let groups = groups(report, &Row::gas);
    if groups.is_empty() {
        return Ok(None);
    }
    draw(
        "Score against gas",
        "gas of a verification, whole transaction",
        groups,
    )
    .map(Some)
}

/// A colour for each question and network.
fn groups(report: &Report, place: &dyn Fn(&Row) -> Option<f64>) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![];
    for row in &report.rows {
        let configuration = row.figures.configuration;
        let Some(x) = place(row) else {
            continue;
        };
        let title = format!(
            "{}, {}",
            name(configuration.question),
            match configuration.network {
                Network::Teacher => "teacher",
                Network::Student => "student",
            }
        );
        let point = Point {
            x,
            y: row.test.macro_f1,
            label: row.name.clone(),
        };
        match groups.iter_mut().find(|group| group.name == title) {
            Some(group) => group.points.push(point),
            None => groups.push(Group {
                name: title,
                points: vec![point],
            }),
        }
    }
    groups
}

fn draw(title: &str, x: &str, groups: Vec<Group>) -> Result<String, Error> {
    Ok(plot::scatter(&Scatter {
        title: title.to_owned(),
        x: Axis::numbers(x),
        y: Axis::numbers("macro-F1 on the test part"),
        groups,
        // Two questions, two scales of scores: one front over both would mean nothing.
        front: None,
    })?)
}
