//! What is measured: a network of a question in a circuit.

use serde::{Deserialize, Serialize};
use veriregime_features::labels::Question;

use super::work;

/// Which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// The convolutional teacher's integers, as a sheet.
    Teacher,
    /// The distilled student's integers, as a tape.
    Student,
}

/// What its circuit is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Least gas: as few columns as fit.
    Gas,
    /// Least proving time.
    Speed,
}

/// A network in a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// What is asked.
    pub question: Question,
    /// Which network answers.
    pub network: Network,
    /// What its circuit is made for.
    pub profile: Profile,
}

impl Configuration {
    /// All of them: both questions, teacher and student, both profiles.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for question in [Question::Signal, Question::Regime] {
            for network in [Network::Teacher, Network::Student] {
                for profile in [Profile::Gas, Profile::Speed] {
                    all.push(Self {
                        question,
                        network,
                        profile,
                    });
                }
            }
        }
        all
    }

    /// Its name, also that of its folder.
    #[must_use]
    pub fn name(self) -> String {
        let profile = match self.profile {
            Profile::Gas => "gas",
            Profile::Speed => "speed",
        };
        format!("{}-{}-{profile}", work::name(self.question), self.network())
    }

    /// The configuration of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|one| one.name() == name)
    }

    /// The network's name.
    #[must_use]
    pub fn network(self) -> &'static str {
        match self.network {
            Network::Teacher => "teacher",
            Network::Student => "student",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Configuration;

    #[test]
    fn names_lead_back() {
        let all = Configuration::all();
        assert_eq!(all.len(), 8);
        for one in all {
            assert_eq!(Configuration::named(&one.name()), Some(one));
        }
        assert_eq!(Configuration::named("signal"), None);
    }
}
