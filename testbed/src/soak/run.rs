//! The day itself.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use alloy::primitives::Bytes;
use anyhow::{Context, Result, bail, ensure};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::{
    Event, Report,
    event::{Back, schedule},
    figures::{Figures, quantile, store_bytes},
    weather,
};
use crate::{
    FIRST_CLOSE, Plan, Verdict, World,
    front::{ANY, Fault},
    node::HANG,
};

/// How often the day looks around.
const TICK: Duration = Duration::from_millis(3);
/// The clock waits this long after a close for the round to be in a block or missed: the next window does not close before.
const WAIT_S: u64 = 59;
/// Without progress the clock moves on by a window after this long: some things end by time alone, and a node that is stuck
/// must not stop time.
const CREEP: Duration = Duration::from_secs(8);
/// How long transactions of a block that was taken back stay away, when they come back later.
const AWAY: Duration = Duration::from_millis(600);
/// The daemon's pause between looks at the chain, milliseconds.
const POLL_MS: u64 = 60;
/// Longest wait for a transaction to be forgotten.
const FORGET: Duration = Duration::from_secs(2);
/// Starts that may fail in a row, and the supervisor's pause between them.
const STARTS: u32 = 20;
const RESTART: Duration = Duration::from_millis(100);
/// A base fee above any cap, wei.
const SPIKE: u64 = 300_000_000_000;

/// What to run.
#[derive(Clone, Debug)]
pub struct Soak {
    /// Name of the world's folder.
    pub name: &'static str,
    /// Windows of one minute.
    pub windows: u64,
    /// Simulated seconds per real one.
    pub speed: f64,
    /// Seed of everything left to chance.
    pub seed: u64,
}

/// What has to be put right again, and at which window.
#[derive(Debug)]
enum Mend {
    Daemon,
    Attestor(usize),
    Market(usize),
    Exchange,
    Chain,
    Quorum,
}

struct Day {
    world: World,
    figures: Figures,
    events: Vec<(u64, Event)>,
    mends: Vec<(u64, Mend)>,
    /// Transactions that come back to the chain, and when.
    returning: Vec<(Instant, Vec<Bytes>)>,
    /// Windows begun so far.
    window: u64,
    /// The clock may go on to this window whatever is open: an outage needs its time.
    free_until: u64,
    read: usize,
}

/// Runs the day; `tell` receives a line per simulated hour.
///
/// # Errors
/// When the world cannot be built, the daemon dies by itself, or nothing is settled for minutes.
pub async fn run(soak: &Soak, tell: impl Fn(&str)) -> Result<Report> {
    let world = World::build(&Plan {
        name: soak.name,
        attestors: 3,
        threshold: 2,
        minutes: soak.windows + 120,
        catch_up: "all",
        seed: soak.seed,
    })
    .await?;
    let mut dice = ChaCha8Rng::seed_from_u64(soak.seed);
    let mut day = Day {
        world,
        figures: Figures::default(),
        events: schedule(soak.windows, &mut dice),
        mends: Vec::new(),
        returning: Vec::new(),
        window: 0,
        free_until: 0,
        read: 0,
    };
    day.events.reverse();
    // The daemon looks at the chain as often as a minute is long here: at every look something may fail.
    day.world.config.chain_poll_ms = POLL_MS;
    let begun = Instant::now();
    day.start().await?;
    weather::begin(&day.world, soak.seed);
    let before = (store_bytes(&day.world.config.store), day.world.log.bytes());
    day.figures.progress = Some(Instant::now());
    day.world.clock.hold_at(FIRST_CLOSE + WAIT_S);
    day.world.clock.run(soak.speed);
    let last = FIRST_CLOSE + (soak.windows - 1) * 60;
    let mut told = 0;
    while !day.done(last) {
        day.tick(last).await?;
        if day.window / 60 > told {
            told = day.window / 60;
            tell(&day.line(begun));
        }
        tokio::time::sleep(TICK).await;
    }
    weather::end(&day.world);
    day.stop().await?;
    day.look();
    report(soak, day, begun.elapsed(), before).await
}

impl Day {
    fn done(&self, last: u64) -> bool {
        let open = self.figures.oldest_open(FIRST_CLOSE, last);
        open.is_none()
            && self.events.is_empty()
            && self.mends.is_empty()
            && self.returning.is_empty()
    }

    async fn tick(&mut self, last: u64) -> Result<()> {
        self.look();
        let now = self.world.clock.now();
        while FIRST_CLOSE + self.window * 60 <= now {
            self.figures
                .closed
                .insert(FIRST_CLOSE + self.window * 60, Instant::now());
            self.window += 1;
        }
        self.hold(last);
        self.mend().await?;
        while let Some((at, event)) = self.events.last().copied()
            && at < self.window
            && self.mends.is_empty()
        {
            self.events.pop();
            self.happen(event).await?;
        }
        self.bring_back().await;
        if let Some(daemon) = &mut self.world.daemon {
            let peak = daemon.peak_memory().unwrap_or(0);
            self.figures.peak_kb = self.figures.peak_kb.max(peak);
            ensure!(
                daemon.runs()?,
                "the daemon ended by itself; its log ends\n{}",
                self.world.log.tail(8)
            );
        }
        let still = self.figures.progress.map(|at| at.elapsed());
        ensure!(
            still.is_none_or(|still| still < HANG),
            "no round was settled for {} s, {:?} is open; the daemon's log ends\n{}",
            HANG.as_secs(),
            self.figures.oldest_open(FIRST_CLOSE, last),
            self.world.log.tail(12)
        );
        Ok(())
    }

    /// Reads what the daemon has written since.
    fn look(&mut self) {
        for line in self.world.log.since(self.read) {
            self.read += 1;
            self.figures.read(&line);
        }
    }

    /// Lets the clock run as far as rounds at work and outages allow.
    fn hold(&self, last: u64) {
        let still = self
            .figures
            .progress
            .map_or(Duration::ZERO, |at| at.elapsed());
        let crept = u64::try_from(still.as_millis() / CREEP.as_millis()).unwrap_or(0);
        let free = FIRST_CLOSE + self.free_until * 60;
        let open = self.figures.oldest_unserved(FIRST_CLOSE, last);
        // Nothing is at work: the last rounds only wait for blocks.
        let open = open.unwrap_or(last);
        let until = open + WAIT_S + crept * 60;
        self.world.clock.hold_at(free.max(until));
    }

    async fn happen(&mut self, event: Event) -> Result<()> {
        *self.figures.events.entry(event.name()).or_insert(0) += 1;
        let until = self.window + event.outage();
        if event.outage() > 0 || matches!(event, Event::Kill(_) | Event::Stop(_)) {
            // From the window that may be at work to the one that closes while everything comes back.
            self.figures
                .outages
                .push((self.window.saturating_sub(2), until + 1));
        }
        self.free_until = self.free_until.max(until + 1);
        match event {
            Event::Kill(_) => {
                self.world.kill().await?;
                self.mends.push((until, Mend::Daemon));
            }
            Event::Stop(_) => {
                self.stop().await?;
                self.mends.push((until, Mend::Daemon));
            }
            Event::AttestorDown(index, windows) => {
                self.world.kill_attestor(index).await?;
                self.mends
                    .push((self.window + windows, Mend::Attestor(index)));
            }
            Event::AttestorLies(index, windows) => {
                let forged = self.world.market.forged(self.window);
                self.attestor(index)?.exchange.service.play(forged);
                self.mends
                    .push((self.window + windows, Mend::Market(index)));
            }
            Event::NoQuorum(_) => {
                for index in 1..self.world.attestors.len() {
                    self.world.kill_attestor(index).await?;
                }
                self.mends.push((until, Mend::Quorum));
            }
            Event::ExchangeDown(_) => {
                self.world.exchange.rules.always(ANY, Fault::HangUp);
                self.mends.push((until, Mend::Exchange));
            }
            Event::ChainDown(_) => {
                self.world.rpc.rules.always(ANY, Fault::page(503));
                self.mends.push((until, Mend::Chain));
            }
            Event::Reorganisation(depth, back) => self.reorganise(depth, back).await?,
            Event::Forgotten => self.forget().await?,
            Event::FeeSpike => {
                let fee = json!([format!("{SPIKE:#x}")]);
                self.world
                    .chain
                    .ask("anvil_setNextBlockBaseFeePerGas", fee)
                    .await?;
            }
        }
        Ok(())
    }

    async fn mend(&mut self) -> Result<()> {
        let window = self.window;
        let due = |(at, _): &(u64, Mend)| *at <= window;
        let (now, later) = std::mem::take(&mut self.mends).into_iter().partition(due);
        self.mends = later;
        for (_, mend) in Vec::from_iter::<Vec<_>>(now) {
            match mend {
                Mend::Daemon => self.start().await?,
                Mend::Attestor(index) => self.world.start_attestor(index).await?,
                Mend::Market(index) => {
                    let honest = self.world.market.clone();
                    self.attestor(index)?.exchange.service.play(honest);
                }
                Mend::Exchange => self.world.exchange.rules.lift(),
                Mend::Chain => self.world.rpc.rules.lift(),
                Mend::Quorum => {
                    for index in 1..self.world.attestors.len() {
                        self.world.start_attestor(index).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn reorganise(&mut self, depth: u64, back: Back) -> Result<()> {
        let _pause = self.world.miner.pause().await;
        let before = self.world.chain.mined(self.world.node).await?;
        self.world.chain.reorganise(depth).await?;
        let after = self.world.chain.mined(self.world.node).await?;
        let lost = before.iter().filter(|one| !after.contains(one));
        let hashes: Vec<_> = lost.map(|one| one.hash).collect();
        let wired = self.world.rpc.service.wired();
        let raw = wired.into_iter().filter(|sent| hashes.contains(&sent.hash));
        let raw: BTreeMap<_, _> = raw.map(|sent| (sent.nonce, sent.raw)).collect();
        let raw: Vec<_> = raw.into_values().collect();
        match back {
            Back::AtOnce => self.returning.push((Instant::now(), raw)),
            Back::Later => self.returning.push((Instant::now() + AWAY, raw)),
            Back::Never => {}
        }
        Ok(())
    }

    async fn bring_back(&mut self) {
        let now = Instant::now();
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.returning)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.returning = later;
        for raw in due.iter().flat_map(|(_, raw)| raw) {
            self.world.chain.hand_over(raw).await;
        }
    }

    /// Waits, not long, for a transaction that waits for a block, and makes the chain forget it.
    async fn forget(&mut self) -> Result<()> {
        let count = self.world.rpc.service.wired().len();
        let _pause = self.world.miner.pause().await;
        let begun = Instant::now();
        while begun.elapsed() < FORGET {
            let wired = self.world.rpc.service.wired();
            if let Some(sent) = wired.get(count..).and_then(<[_]>::last) {
                // It may still be on its way from the proxy to the chain.
                tokio::time::sleep(Duration::from_millis(30)).await;
                return self.world.chain.forget(sent.hash).await;
            }
            tokio::time::sleep(TICK).await;
        }
        Ok(())
    }

    /// Starts the daemon as a supervisor would: again, if something it needs at the start does not answer.
    async fn start(&mut self) -> Result<()> {
        for _ in 0..STARTS {
            let Err(error) = self.world.start().await else {
                let daemon = self.world.daemon.as_ref();
                let ready = daemon.map(|daemon| daemon.ready_after);
                self.figures.ready.extend(ready);
                return Ok(());
            };
            let words = error.to_string();
            ensure!(
                words.contains("exit status: 1"),
                "a start went wrong: {words}"
            );
            self.figures.failed_starts += 1;
            tokio::time::sleep(RESTART).await;
        }
        bail!(
            "the daemon did not start {STARTS} times in a row:\n{}",
            self.world.log.tail(6)
        );
    }

    async fn stop(&mut self) -> Result<()> {
        for page in ["/live", "/status", "/metrics"] {
            let Some(daemon) = &self.world.daemon else {
                continue;
            };
            self.figures.pages.0 += 1;
            let answer = daemon.get(page).await;
            if !answer.is_ok_and(|(status, body)| status == 200 && !body.is_empty()) {
                self.figures.pages.1 += 1;
            }
        }
        let stopped = self.world.terminate().await?;
        self.figures.stopped.push(stopped.after);
        if !stopped.status.success() {
            self.figures.bad_exits.push(stopped.status.to_string());
        }
        Ok(())
    }

    fn attestor(&self, index: usize) -> Result<&crate::node::AttestorNode> {
        self.world.attestors.get(index).context("no such attestor")
    }

    fn line(&self, begun: Instant) -> String {
        let settled = &self.figures.settled;
        format!(
            "{:>5} s  {:>4} windows, {} published, {} missed, life {}, {} faults, peak {} MB",
            begun.elapsed().as_secs(),
            self.window,
            settled.values().filter(|end| end.is_none()).count(),
            settled.values().filter(|end| end.is_some()).count(),
            self.world.lives,
            weather::struck(&self.world).values().sum::<u64>(),
            self.figures.peak_kb / 1_000
        )
    }
}

async fn report(soak: &Soak, day: Day, took: Duration, before: (u64, u64)) -> Result<Report> {
    let Day { world, figures, .. } = day;
    let planned = FIRST_CLOSE + (soak.windows - 1) * 60;
    // The clock may have reached a window beyond the plan, which was then sent, settled or both.
    let sent = figures.sent.keys().chain(&figures.served);
    let reached = figures.settled.keys().chain(sent).copied();
    let last = reached.max().unwrap_or(planned);
    let due: Vec<_> = (FIRST_CLOSE..=last.max(planned)).step_by(60).collect();
    let mut verdict = Verdict::of(&world, due.iter().copied()).await?;
    for status in &figures.bad_exits {
        verdict
            .broken
            .push(format!("a graceful stop ended with {status}"));
    }
    if figures.pages.1 > 0 {
        verdict.broken.push(format!(
            "{} pages of the daemon did not come",
            figures.pages.1
        ));
    }
    let days = due.len() as f64 / 1_440.0;
    let per_day = |after: u64, before: u64| (after.saturating_sub(before)) as f64 / 1e3 / days;
    let outside = verdict.missed.iter().filter(|(close, _)| {
        let window = close.saturating_sub(FIRST_CLOSE) / 60;
        let planned = |(from, to): &(u64, u64)| (*from..=*to).contains(&window);
        !figures.outages.iter().any(planned)
    });
    let outside: Vec<_> = outside.map(|(close, why)| (*close, why.clone())).collect();
    let sent: Vec<_> = figures.sent.values().copied().collect();
    let events = figures
        .events
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count));
    let times = |all: &[Duration]| (quantile(all, 0.5), quantile(all, 1.0));
    Ok(Report {
        seed: soak.seed,
        candles: world.market.kind,
        hours: soak.windows as f64 / 60.0,
        minutes: took.as_secs_f64() / 60.0,
        due: due.len(),
        published: verdict.accepted.len(),
        missed: verdict.reasons(),
        missed_by_weather: outside,
        unexplained: verdict.unexplained,
        duplicates: verdict.duplicates,
        reverted: verdict.reverted,
        broken: verdict.broken,
        lives: world.lives - u32::try_from(figures.failed_starts).unwrap_or(0),
        failed_starts: figures.failed_starts,
        events: events.collect(),
        faults: weather::struck(&world),
        peak_memory_mb: figures.peak_kb as f64 * 1_024.0 / 1e6,
        store_kb_per_day: per_day(store_bytes(&world.config.store), before.0),
        log_kb_per_day: per_day(world.log.bytes(), before.1),
        close_to_sent_ms: (quantile(&sent, 0.5), quantile(&sent, 0.95)),
        start_to_ready_ms: times(&figures.ready),
        stop_ms: times(&figures.stopped),
        pages: figures.pages,
    })
}
