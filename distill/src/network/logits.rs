//! Logits of many windows, and the class they mean.

/// Rows of one logit per class.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    classes: usize,
    values: Vec<f64>,
}

impl Logits {
    /// No rows yet, of this many classes.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self {
            classes: classes.max(1),
            values: Vec::new(),
        }
    }

    /// Appends a row; what exceeds or lacks the number of classes is cut or zero.
    pub fn push(&mut self, row: impl IntoIterator<Item = f64>) {
        let wanted = self.values.len() + self.classes;
        self.values.extend(row.into_iter().take(self.classes));
        self.values.resize(wanted, 0.0);
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.classes
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The rows in order.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.classes)
    }

    /// The logits of one row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.classes..(index + 1) * self.classes]
    }

    /// The class of every row after adding an offset per class.
    #[must_use]
    pub fn decide(&self, offsets: &[f64]) -> Vec<u8> {
        self.rows().map(|row| class(row, offsets)).collect()
    }

    /// The mean of several, row by row; all must have the same shape.
    #[must_use]
    pub fn mean(all: &[Self]) -> Self {
        let mut mean = all.first().cloned().unwrap_or_else(|| Self::new(1));
        for (index, value) in mean.values.iter_mut().enumerate() {
            let sum: f64 = all.iter().map(|logits| logits.values[index]).sum();
            *value = sum / all.len() as f64;
        }
        mean
    }
}

/// The class with the largest logit plus offset, the lowest of equals.
#[must_use]
pub fn class(logits: &[f64], offsets: &[f64]) -> u8 {
    let moved = |class: usize| logits[class] + offsets.get(class).copied().unwrap_or(0.0);
    (1..logits.len()).fold(0, |best, class| {
        if moved(class) > moved(usize::from(best)) {
            class as u8
        } else {
            best
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Logits, class};

    #[test]
    fn class_of_equal_logits_is_the_lowest() {
        assert_eq!(class(&[1.0, 1.0, 1.0], &[]), 0);
        assert_eq!(class(&[0.0, 1.0, 1.0], &[0.0; 3]), 1);
        assert_eq!(class(&[0.0, 1.0], &[1.5, 0.0]), 0);
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let mut logits = Logits::new(2);
        logits.push([1.0, 2.0]);
        logits.push([3.0]);
        assert_eq!((logits.len(), logits.row(1)), (2, [3.0, 0.0].as_slice()));
        let mut other = Logits::new(2);
        other.push([3.0, 0.0]);
        other.push([0.0, 0.0]);
        assert_eq!(Logits::mean(&[logits, other]).row(0), [2.0, 1.0]);
    }
}
