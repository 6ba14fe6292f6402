//! The attestors: who answers, and whether they make a quorum.

use std::{collections::BTreeSet, time::Duration};

use alloy::primitives::Address;

use super::{
    fault::Fault,
    files::Seat,
    sheet::{Found, Sheet, timed},
};
use crate::{chain::Chain, redact};

const PATIENCE: Duration = Duration::from_secs(5);

/// Lines `attestor[n]` and `quorum`.
pub(super) async fn look(sheet: &mut Sheet, seat: &Seat<'_>, chain: Option<&Chain>) {
    let quorum = match chain {
        Some(chain) => Some(timed(members(chain)).await),
        None => None,
    };
    let line = seat.name("quorum");
    let (members, threshold) = match quorum {
        Some(Ok((known, _))) => known,
        // The oracle's line, or the contract's, says why.
        Some(Err(complaint)) => {
            sheet.enter::<()>(&line, Err(complaint));
            return skip(sheet, seat, &line);
        }
        None => {
            skip(sheet, seat, &seat.name("oracle"));
            return sheet.skip(&line, &seat.name("oracle"));
        }
    };
    let mut known = BTreeSet::new();
    for (index, url) in seat.oracle.attestors.iter().enumerate() {
        let found = attestor(url, &members).await;
        known.extend(sheet.enter(seat.name(&format!("attestor[{index}]")), found));
    }
    let (got, want) = (known.len(), threshold);
    let found = match got >= want {
        true => Ok((
            (),
            format!("{got} of {} attestors, {want} needed", members.len()),
        )),
        false => Err(Fault::Quorum { got, want }.into()),
    };
    sheet.enter(line, found);
}

fn skip(sheet: &mut Sheet, seat: &Seat<'_>, needs: &str) {
    for index in 0..seat.oracle.attestors.len() {
        sheet.skip(seat.name(&format!("attestor[{index}]")), needs);
    }
}

async fn members(chain: &Chain) -> Found<(BTreeSet<Address>, usize)> {
    Ok((chain.quorum().await?, String::new()))
}

/// The address that `GET /live` gives is one of the oracle's.
async fn attestor(url: &str, members: &BTreeSet<Address>) -> Found<Address> {
    let shown = redact::urls(url).into_owned();
    let signer = live(url).await.map_err(|reason| Fault::Attestor {
        url: shown.clone(),
        reason,
    })?;
    if !members.contains(&signer) {
        return Err(Fault::Stranger {
            url: shown,
            signer,
            members: members.len(),
        }
        .into());
    }
    Ok((signer, format!("{shown} signs as {signer}")))
}

async fn live(url: &str) -> Result<Address, String> {
    let words = |error: reqwest::Error| error.without_url().to_string();
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(words)?;
    let url = format!("{}/live", url.trim_end_matches('/'));
    let answer = client.get(url).send().await.map_err(words)?;
    let answer = answer.error_for_status().map_err(words)?;
    let text = answer.text().await.map_err(words)?;
    let shown: String = text.trim().chars().take(60).collect();
    shown
        .parse()
        .map_err(|_| format!("it answers `{shown}`, not an attestor's address"))
}
