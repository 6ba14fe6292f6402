//! Integer networks as ONNX files, and ONNX files as integer networks.
//!
//! ```text
//! IntegerModel --scales--> FloatNetwork --write--> ONNX --read--> FloatNetwork --scales--> IntegerModel
//! ```
//!
//! The exported file is a float network that equals the integer one up to the rounding of each rescale: its input is
//! the integer window over 128, its hidden values stay within about [-1, 1]. Every factor between the two is a power
//! of two, noted in the file's metadata together with the model's digest, so a file of ours comes back bit for bit
//! ([`import`] checks the digest). A file without that metadata is quantised: symmetric, per layer, with power-of-two
//! scales, and as fine as the worst case allows ([`Quantisation`]).
//!
//! Readable operators: Gemm or MatMul and Add, polynomials up to the third degree made of Mul and Add, Relu, Constant.
//! Anything else is refused by node, operator and attribute, with a remedy ([`OnnxError`]).

mod activation;
mod calibrate;
mod error;
mod exact;
mod metadata;
mod network;
mod operators;
mod quantise;
mod read;
mod refusal;
mod scales;
mod teacher;
mod tensor;
mod value;
mod write;

use prost::Message;
use veriregime_circuits::{model::IntegerModel, onnx::proto};

use crate::Error;
use crate::shipped::ShippedTeacher;

pub use error::OnnxError;
pub use network::{FloatActivation, FloatLayer, FloatNetwork, FloatTrace};
pub use quantise::Quantisation;
pub use scales::{LayerScale, Scales};
pub use teacher::Head;

/// The model as an ONNX file that [`import`] turns back into the same model.
///
/// # Errors
/// [`OnnxError::Inexact`] when single precision cannot hold a value of the model.
pub fn export(model: &IntegerModel) -> Result<Vec<u8>, Error> {
    model.validate()?;
    let scales = calibrate::of_integer(model)?;
    let (network, rests) = scales.to_float(model)?;
    let metadata = metadata::Metadata::new(&scales, rests, model);
    if metadata.restore(&network)? != *model {
        return Err(OnnxError::Inexact.into());
    }
    Ok(write::model(&network, &metadata)?.encode_to_vec())
}

/// The model as an ONNX file of double precision whose logits are the model's integers, exactly, in any runtime that follows
/// IEEE 754: for others to check what the integers say. It is not read back: [`export`] is the form that is.
///
/// # Errors
/// [`OnnxError::Layer`] when a value could reach 2^53 or an activation has no ONNX form.
pub fn export_exact(model: &IntegerModel) -> Result<Vec<u8>, Error> {
    model.validate()?;
    Ok(exact::model(model)?.encode_to_vec())
}

/// A model's teacher as an ONNX file: int8 windows in, logits with the offsets out. It is no integer network yet:
/// `veriregime_circuits::onnx` makes one of it, with calibration.
///
/// # Errors
/// [`OnnxError::Architecture`] for another architecture than that of the shipped teachers.
pub fn export_teacher(teacher: &ShippedTeacher, head: Head) -> Result<Vec<u8>, Error> {
    Ok(teacher::model(teacher, head)?.encode_to_vec())
}

/// The integer network of an ONNX file: exactly the exported one if the file carries our metadata, else quantised.
///
/// # Errors
/// [`OnnxError`] naming what the file holds that cannot be proven, [`Error::Model`] when the integers do not fit the
/// circuit.
pub fn import(bytes: &[u8], quantisation: Quantisation) -> Result<IntegerModel, Error> {
    let file = proto::ModelProto::decode(bytes).map_err(OnnxError::Decode)?;
    let network = read::network(&file)?;
    match metadata::Metadata::find(&file)? {
        Some(metadata) => {
            let model = metadata.restore(&network)?;
            model.validate()?;
            Ok(model)
        }
        None => quantise::quantise(&network, quantisation),
    }
}

/// The float network of an ONNX file.
///
/// # Errors
/// [`OnnxError`] naming what the file holds that is not supported.
pub fn read(bytes: &[u8]) -> Result<FloatNetwork, Error> {
    let file = proto::ModelProto::decode(bytes).map_err(OnnxError::Decode)?;
    Ok(read::network(&file)?)
}
