//! What is planned to go wrong, and when.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Something that happens at the beginning of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// `kill -9` of the daemon, which is started again after so many windows.
    Kill(u64),
    /// `SIGTERM`, and a start after so many windows.
    Stop(u64),
    /// One attestor is down for so many windows.
    AttestorDown(usize, u64),
    /// One attestor sees another market for so many windows.
    AttestorLies(usize, u64),
    /// All attestors but one are down for so many windows: no quorum.
    NoQuorum(u64),
    /// The exchange does not answer for so many windows.
    ExchangeDown(u64),
    /// The chain's RPC does not answer for so many windows.
    ChainDown(u64),
    /// So many blocks are taken back; their transactions come back at once, later, or never.
    Reorganisation(u64, Back),
    /// The transactions that wait for a block are forgotten.
    Forgotten,
    /// The base fee jumps above what the node pays.
    FeeSpike,
}

/// What becomes of the transactions of blocks that were taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// They wait for a block again at once.
    AtOnce,
    /// They do so after a while.
    Later,
    /// Only the node can bring them back.
    Never,
}

impl Event {
    /// The kind's name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kill(_) => "daemon killed",
            Self::Stop(_) => "daemon stopped",
            Self::AttestorDown(..) => "attestor down",
            Self::AttestorLies(..) => "attestor lies",
            Self::NoQuorum(_) => "no quorum",
            Self::ExchangeDown(_) => "exchange down",
            Self::ChainDown(_) => "chain's RPC down",
            Self::Reorganisation(_, Back::AtOnce) => "reorganisation, transactions back at once",
            Self::Reorganisation(_, Back::Later) => "reorganisation, transactions back later",
            Self::Reorganisation(_, Back::Never) => "reorganisation, transactions lost",
            Self::Forgotten => "waiting transactions forgotten",
            Self::FeeSpike => "base fee above the cap",
        }
    }

    /// For how many windows nothing can be published.
    #[must_use]
    pub fn outage(&self) -> u64 {
        match self {
            Self::Kill(windows)
            | Self::Stop(windows)
            | Self::NoQuorum(windows)
            | Self::ExchangeDown(windows)
            | Self::ChainDown(windows) => *windows,
            _ => 0,
        }
    }
}

/// Events of a day, times per 1,440 windows.
fn menu(dice: &mut ChaCha8Rng) -> Vec<(u64, Event)> {
    let attestor = dice.gen_range(0..3);
    let few = dice.gen_range(0..3);
    vec![
        (40, Event::Kill(few)),
        (2, Event::Kill(15)),
        (10, Event::Stop(few)),
        (12, Event::AttestorDown(attestor, 3)),
        (12, Event::AttestorLies(attestor, 3)),
        (4, Event::NoQuorum(2)),
        (3, Event::ExchangeDown(3)),
        (3, Event::ChainDown(3)),
        (12, Event::Reorganisation(1 + few.min(1), Back::AtOnce)),
        (12, Event::Reorganisation(1 + few.min(1), Back::Later)),
        (12, Event::Reorganisation(1 + few.min(1), Back::Never)),
        (20, Event::Forgotten),
        (4, Event::FeeSpike),
    ]
}

/// Spreads the events of a day over `windows`; every kind happens at least once. The first and the last windows are
/// left in peace, and so is the time after an outage, so that every event meets a node at work.
#[must_use]
pub fn schedule(windows: u64, dice: &mut ChaCha8Rng) -> Vec<(u64, Event)> {
    let mut events = Vec::new();
    for kind in 0..menu(dice).len() {
        let day = menu(dice).get(kind).map_or(0, |(times, _)| *times);
        // The long outage is a day's matter.
        let times = if day <= 2 && windows < 600 {
            0
        } else {
            (day * windows / 1_440).max(1)
        };
        for _ in 0..times {
            events.extend(menu(dice).get(kind).map(|(_, event)| *event));
        }
    }
    shuffle(&mut events, dice);
    let room = windows.saturating_sub(6).max(1);
    let count = events.len() as u64;
    let mut busy_until = 0;
    events
        .into_iter()
        .zip(0..)
        .map(|(event, index)| {
            let window = (2 + index * room / count).max(busy_until);
            busy_until = if event.outage() > 0 {
                window + event.outage() + 1
            } else {
                0
            };
            (window, event)
        })
        .collect()
}

fn shuffle(events: &mut [Event], dice: &mut ChaCha8Rng) {
    use rand::seq::SliceRandom;
    events.shuffle(dice);
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn schedule_is_the_same_for_a_seed_and_has_every_kind() {
        let of = |seed, windows| schedule(windows, &mut ChaCha8Rng::seed_from_u64(seed));
        assert_eq!(of(1, 1_440), of(1, 1_440));
        assert_ne!(of(1, 1_440), of(2, 1_440));
        let names = |events: Vec<(u64, Event)>| {
            let names = events.iter().map(|(_, event)| event.name());
            names.collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!(names(of(1, 1_440)), 12);
        assert_eq!(names(of(1, 20)), 12);
        let day = of(1, 1_440);
        assert!(day.is_sorted_by_key(|(window, _)| *window), "{day:?}");
        assert!(day.iter().all(|(window, _)| *window < 1_440));
    }
}
