//! The toy circuits of the corpus by name.

use super::toy::Shape;

/// Toy circuits of the corpus.
pub fn toys() -> Vec<(&'static str, Shape)> {
    let plain = Shape {
        lanes: 1,
        degree: 4,
        words: 3,
        stride: 1,
        k: 7,
        ..Shape::default()
    };
    vec![
        ("degree 3", Shape { degree: 3, ..plain }),
        (
            "two products",
            Shape {
                degree: 3,
                lanes: 2,
                stride: 2,
                ..plain
            },
        ),
        (
            "three products",
            Shape {
                degree: 4,
                lanes: 5,
                words: 1,
                ..plain
            },
        ),
        (
            "degree 5, back",
            Shape {
                degree: 5,
                lanes: 2,
                back: true,
                ..plain
            },
        ),
        (
            "degree 6, eight lanes",
            Shape {
                degree: 6,
                lanes: 8,
                stride: 3,
                ..plain
            },
        ),
        (
            "one lookup",
            Shape {
                lookups: 1,
                degree: 5,
                ..plain
            },
        ),
        (
            "lookup and next first",
            Shape {
                lookups: 1,
                degree: 5,
                next_first: true,
                ..plain
            },
        ),
        (
            "idle column",
            Shape {
                idle: true,
                ..plain
            },
        ),
        (
            "everything",
            Shape {
                lanes: 4,
                lookups: 2,
                degree: 5,
                back: true,
                next_first: true,
                stride: 2,
                ..plain
            },
        ),
        (
            "second phase without challenges",
            Shape { second: 1, ..plain },
        ),
        (
            "challenge without second phase",
            Shape {
                challenges: 1,
                lanes: 2,
                ..plain
            },
        ),
        (
            "one challenge",
            Shape {
                challenges: 1,
                second: 1,
                lanes: 2,
                degree: 3,
                ..plain
            },
        ),
        (
            "three challenges",
            Shape {
                challenges: 3,
                second: 2,
                lanes: 3,
                back: true,
                stride: 2,
                ..plain
            },
        ),
        (
            "second phase under copy constraints",
            Shape {
                challenges: 2,
                second: 1,
                mirrors: true,
                lanes: 2,
                ..plain
            },
        ),
        (
            "challenge and lookup",
            Shape {
                challenges: 1,
                second: 1,
                mirrors: true,
                lookups: 1,
                degree: 5,
                ..plain
            },
        ),
        (
            "degree 9",
            Shape {
                challenges: 2,
                second: 1,
                fixed: 6,
                degree: 9,
                ..plain
            },
        ),
        (
            "degree 9, both phases, everything",
            Shape {
                challenges: 3,
                second: 2,
                mirrors: true,
                fixed: 30,
                lookups: 1,
                lanes: 8,
                degree: 9,
                back: true,
                idle: true,
                ..plain
            },
        ),
        (
            "many words",
            Shape {
                words: 70,
                k: 8,
                ..plain
            },
        ),
        (
            "many words, far apart",
            Shape {
                challenges: 1,
                second: 1,
                words: 65,
                stride: 3,
                k: 8,
                ..plain
            },
        ),
    ]
}

/// A toy circuit of the corpus by its name.
pub fn toy(name: &str) -> Shape {
    let toys = toys();
    let (_, shape) = toys.iter().find(|(known, _)| *known == name).unwrap();
    *shape
}
