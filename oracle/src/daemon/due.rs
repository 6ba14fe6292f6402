//! Which windows are due: everything that closed since the last one on record.

use crate::{config::CatchUp, store::Miss};

/// The windows to handle now, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Close times to publish.
    pub publish: Vec<u64>,
    /// Close times that will not be published, and why.
    pub missed: Vec<(u64, Miss)>,
}

/// What a service knows when it looks for due windows; times are UNIX seconds.
#[derive(Debug, Clone, Copy)]
pub struct Outlook {
    /// The latest close time on record, if there is any.
    pub last: Option<u64>,
    /// The latest close whose candle may be asked for.
    pub newest: u64,
    /// Candle length.
    pub step: u64,
    /// Older closes are refused by the oracle.
    pub max_age: u64,
    /// What to do after downtime.
    pub catch_up: CatchUp,
}

impl Outlook {
    /// A node without a record begins with the newest window; otherwise no window after the last is left out.
    pub fn due(&self) -> Due {
        let mut due = Due::default();
        let mut close_time = match self.last {
            None => self.newest,
            Some(last) => last.saturating_add(self.step),
        };
        while close_time <= self.newest {
            match self.miss(close_time) {
                None => due.publish.push(close_time),
                Some(miss) => due.missed.push((close_time, miss)),
            }
            close_time += self.step;
        }
        due
    }

    fn miss(&self, close_time: u64) -> Option<Miss> {
        if close_time == self.newest {
            return None;
        }
        let (code, reason) = if close_time.saturating_add(self.max_age) < self.newest {
            let reason = format!(
                "the oracle takes windows of the last {} s only",
                self.max_age
            );
            ("too-old", reason)
        } else if self.catch_up == CatchUp::Latest {
            let reason = format!(
                "the window of {} closed before this one was handled, and node.catch_up is \"latest\"",
                self.newest
            );
            ("superseded", reason)
        } else {
            return None;
        };
        Some(Miss {
            code: code.into(),
            reason,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(last: Option<u64>, newest: u64, catch_up: CatchUp) -> Due {
        let outlook = Outlook {
            last,
            newest,
            step: 60,
            max_age: 300,
            catch_up,
        };
        outlook.due()
    }

    fn codes(due: &Due) -> Vec<(u64, &str)> {
        due.missed
            .iter()
            .map(|(close, miss)| (*close, miss.code.as_str()))
            .collect()
    }

    #[test]
    fn a_fresh_node_begins_with_the_newest_window() {
        for policy in [CatchUp::Latest, CatchUp::All] {
            let due = due(None, 600, policy);
            assert_eq!((due.publish.as_slice(), due.missed.len()), (&[600][..], 0));
        }
    }

    #[test]
    fn nothing_is_due_before_the_next_close_or_after_a_clock_that_went_back() {
        assert_eq!(due(Some(600), 600, CatchUp::All), Due::default());
        assert_eq!(due(Some(600), 540, CatchUp::All), Due::default());
    }

    #[test]
    fn latest_publishes_one_and_explains_every_other() {
        let due = due(Some(0), 600, CatchUp::Latest);
        assert_eq!(due.publish, [600]);
        let codes = codes(&due);
        assert_eq!(codes.len(), 9, "60 to 540");
        assert_eq!(codes[0], (60, "too-old"));
        assert_eq!(codes[8], (540, "superseded"));
    }

    #[test]
    fn all_publishes_what_the_oracle_still_takes() {
        let due = due(Some(0), 600, CatchUp::All);
        assert_eq!(due.publish, [300, 360, 420, 480, 540, 600]);
        let missed = [60, 120, 180, 240].map(|close| (close, "too-old"));
        assert_eq!(codes(&due), missed);
    }
}
