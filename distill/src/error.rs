//! Why training stops.

use std::path::PathBuf;

use thiserror::Error as ThisError;

/// Why training stops; each case names the thing and the remedy.
#[derive(Debug, ThisError)]
pub enum Error {
    /// A history file cannot be used.
    #[error(transparent)]
    Dataset(#[from] veriregime_features::dataset::DatasetError),
    /// A window or a scale cannot be computed.
    #[error(transparent)]
    Feature(#[from] veriregime_features::FeatureError),
    /// The manifest cannot be written or read.
    #[error(transparent)]
    Manifest(#[from] veriregime_features::manifest::ManifestError),
    /// The integer model is not valid or not provable.
    #[error(transparent)]
    Model(#[from] veriregime_circuits::Error),
    /// An ONNX file is refused.
    #[error(transparent)]
    Onnx(#[from] crate::onnx::OnnxError),
    /// An ONNX file does not become a network over the integers.
    #[error(transparent)]
    Import(#[from] veriregime_circuits::onnx::Error),
    /// A proof, a statement or a file of experiment 4 is not what it should be.
    #[error("{configuration}: {problem}")]
    Deployment {
        /// The configuration, or the file.
        configuration: String,
        /// What is wrong, and the remedy.
        problem: String,
    },
    /// A plot cannot be drawn.
    #[error(transparent)]
    Plot(#[from] crate::plot::Error),
    /// Answers cannot be calibrated.
    #[error(transparent)]
    Calibration(#[from] crate::calibration::Error),
    /// A backtest does not start.
    #[error(transparent)]
    Backtest(#[from] crate::backtest::Error),
    /// A folder without a usable history to score on.
    #[error(transparent)]
    History(#[from] veriregime_features::evaluation::HistoryError),
    /// Nothing could be scored.
    #[error(transparent)]
    Evaluation(#[from] veriregime_features::evaluation::EvaluationError),
    /// A stored teacher is refused.
    #[error(transparent)]
    Teacher(#[from] crate::shipped::TeacherError),
    /// Weights that the manifest does not name.
    #[error("{path}: SHA-256 {found}, the manifest says {expected}: take both from the same run")]
    Digest {
        /// The weights' file.
        path: PathBuf,
        /// Its digest.
        found: String,
        /// The manifest's.
        expected: String,
    },
    /// Another history than the model's.
    #[error(
        "{model} was not trained on this {file} (SHA-256 {sha256}): give the data folder that its manifest describes"
    )]
    Sources {
        /// The model's name.
        model: String,
        /// The file.
        file: String,
        /// Its digest.
        sha256: String,
    },
    /// Another number of windows than the manifest's.
    #[error(
        "{found} windows in a part of {model}, the manifest says {expected}: the history or the span is another one"
    )]
    Windows {
        /// The model's name.
        model: String,
        /// Windows found.
        found: u64,
        /// Windows of the manifest.
        expected: u64,
    },
    /// A model that answers something else.
    #[error("{model} answers {found:?}, a model that answers {wanted:?} is needed here")]
    Question {
        /// The model's name.
        model: String,
        /// What it answers.
        found: veriregime_features::labels::Question,
        /// What was wanted.
        wanted: veriregime_features::labels::Question,
    },
    /// A second model that has seen what the first is measured on.
    #[error(
        "{model} was fitted with labels until {until}, but the test part begins at {from}: choose a model trained on the same split"
    )]
    Seen {
        /// The second model's name.
        model: String,
        /// End of its last validation label, UNIX seconds.
        until: u64,
        /// Close time of the first test window, UNIX seconds.
        from: u64,
    },
    /// The tensor library refused an operation.
    #[error("tensor operation: {0}")]
    Tensor(#[from] candle_core::Error),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A JSON file is not what this program wrote.
    #[error("{path}: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: serde_json::Error,
    },
    /// The span holds too few windows for three parts.
    #[error(
        "a part of the split has {windows} windows, at least {needed} are needed: choose a longer span or a shorter stride"
    )]
    TooFewWindows {
        /// Windows in the smallest part.
        windows: usize,
        /// Windows needed.
        needed: usize,
    },
    /// Not one number of bits per layer.
    #[error(
        "{given} numbers of bits for {layers} layers: give one per layer in quantised.weight_bits"
    )]
    Bits {
        /// Numbers given.
        given: usize,
        /// Layers.
        layers: usize,
    },
    /// The trained model does not fit the circuit.
    #[error(
        "the integer model needs {rows} rows (k = {k}), the budget is {budget}: raise the weight penalty or lower the weight bits"
    )]
    RowBudget {
        /// Rows needed.
        rows: usize,
        /// Smallest circuit size that would hold them.
        k: u32,
        /// Rows allowed.
        budget: usize,
    },
}
