//! The matrix, kill by kill.

use std::time::Duration;

use anyhow::{Context, Result};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Arrow, Kill, Place, Report, Trigger};
use crate::{
    FIRST_CLOSE, Plan, Verdict, World,
    front::Rules,
    node::{Daemon, Line},
};

/// Longest pause between an arrow and its kill.
const LONGEST_DELAY_MS: u64 = 120;
/// Guard against an arrow that is never reached; far longer than any machine needs.
const REACH: Duration = Duration::from_secs(120);

/// What to do.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Name of the world's folder.
    pub name: &'static str,
    /// The arrows, in order.
    pub arrows: Vec<Arrow>,
    /// Kills at each.
    pub times: usize,
    /// Seed of delays, downtimes and the invented market.
    pub seed: u64,
}

/// Runs a matrix; `tell` receives a line per kill.
///
/// # Errors
/// When the world cannot be built, an arrow is never reached, or the daemon dies by itself.
pub async fn run(matrix: &Matrix, tell: impl Fn(&str)) -> Result<Report> {
    let kills = matrix.arrows.len() * matrix.times;
    let mut world = World::build(&Plan {
        name: matrix.name,
        attestors: 3,
        threshold: 2,
        minutes: 5 * kills as u64 + 10,
        catch_up: "all",
        seed: matrix.seed,
    })
    .await?;
    let mut dice = ChaCha8Rng::seed_from_u64(matrix.seed);
    // A first round in peace: the daemon's first window is the newest one.
    let mut close = FIRST_CLOSE;
    world.start().await?;
    world.settled(close).await?;
    let mut struck = Vec::new();
    for _ in 0..matrix.times {
        for arrow in &matrix.arrows {
            close += 60;
            let kill = strike(&mut world, arrow, close, &mut dice)
                .await
                .with_context(|| format!("kill at `{}`, close time {close}", arrow.name))?;
            close += 60 * kill.downtime;
            tell(&format!(
                "{:>3}/{kills}  {:<28} +{:>3} ms  {}",
                struck.len() + 1,
                arrow.name,
                kill.delay_ms,
                kill.missed
                    .as_ref()
                    .map_or("published", |missed| missed.code.as_str())
            ));
            struck.push(kill);
        }
    }
    world.terminate().await?;
    let due: Vec<_> = (FIRST_CLOSE..=close).step_by(60).collect();
    let verdict = Verdict::of(&world, due.iter().copied()).await?;
    Ok(Report::of(
        matrix.seed,
        world.market.kind,
        &struck,
        due.len(),
        verdict,
    ))
}

/// One kill at `arrow` of the round that closes at `close`, and the restart.
async fn strike(
    world: &mut World,
    arrow: &Arrow,
    close: u64,
    dice: &mut ChaCha8Rng,
) -> Result<Kill> {
    let delay_ms = dice.gen_range(0..=LONGEST_DELAY_MS);
    world.miner.rest(arrow.without_blocks).await;
    let blocked = arrow.trigger.fault();
    if let Some((place, call, fault)) = &blocked {
        for rules in places(world, *place) {
            rules.always(call, fault.clone());
        }
    }
    let reached = reach(world, arrow, close);
    tokio::time::timeout(REACH, reached)
        .await
        .context("the arrow was never reached")??;
    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    world.kill().await?;

    // Before the restart: sometimes blocks come, sometimes windows close, sometimes nothing happens.
    lift(world);
    let downtime = [0, 0, 1, 2].get(dice.gen_range(0..4)).copied().unwrap_or(0);
    if dice.gen_bool(0.5) {
        world.miner.rest(false).await;
    }
    world.clock.advance_to(close + 1 + 60 * downtime);
    tokio::time::sleep(Duration::from_millis(dice.gen_range(0..100))).await;
    if matches!(arrow.trigger, Trigger::Starting) {
        let config = world.folder.join("veriregime.toml");
        Daemon::strike_start(&config, Duration::from_millis(delay_ms * 8)).await?;
    }
    world.start().await?;
    world.miner.rest(false).await;
    let ready = world.daemon.as_ref().map(|daemon| daemon.ready_after);
    let mut missed = None;
    for due in (close..=close + 60 * downtime).step_by(60) {
        let end = world.settled(due).await?;
        if due == close {
            missed = end;
        }
    }
    Ok(Kill {
        arrow: arrow.name,
        close_time: close,
        delay_ms,
        downtime,
        ready_ms: ready.map_or(0, |ready| {
            u64::try_from(ready.as_millis()).unwrap_or(u64::MAX)
        }),
        missed,
    })
}

/// Lets the window close and waits until the daemon is at the arrow.
async fn reach(world: &World, arrow: &Arrow, close: u64) -> Result<()> {
    let close_window = async || {
        world.clock.advance_to(close + 1);
        // The window must be over for the chain, too, before its blocks may rest.
        world.chain.mine(close + 1).await
    };
    match arrow.trigger {
        // Between two rounds: the kill comes first, the window closes while nobody is there.
        Trigger::Idle | Trigger::Starting => Ok(()),
        Trigger::Stage(stage) => {
            close_window().await?;
            world.stage(close, stage).await
        }
        Trigger::Line(code) => {
            close_window().await?;
            let said = |line: &Line| line.code() == code && line.close_time() == Some(close);
            let said = |line: &Line| said(line).then_some(());
            world.log.until(0, arrow.name, said).await
        }
        Trigger::Asked(place, call) | Trigger::Unanswered(place, call) => {
            close_window().await?;
            for rules in places(world, place) {
                rules.held(call).await;
            }
            Ok(())
        }
    }
}

fn places(world: &World, place: Place) -> Vec<Rules> {
    match place {
        Place::Exchange => vec![world.exchange.rules.clone()],
        Place::Chain => vec![world.rpc.rules.clone()],
        Place::Attestors => {
            let fronts = world
                .attestors
                .iter()
                .map(|attestor| attestor.front.rules.clone());
            fronts.collect()
        }
    }
}

fn lift(world: &World) {
    for place in [Place::Exchange, Place::Chain, Place::Attestors] {
        for rules in places(world, place) {
            rules.lift();
        }
    }
}
