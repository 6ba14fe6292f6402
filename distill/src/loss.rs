//! Losses: class-balanced (focal) cross-entropy with smoothing, and the student's combined loss.

use candle_core::{D, Device, Tensor, Var};
use candle_nn::ops::{log_softmax, softmax};

use crate::Error;
use crate::config::LossConfig;

/// Weights that give every class the same share of the loss: count / (classes * count of the class).
#[must_use]
pub fn class_weights(labels: &[u8], classes: usize) -> Vec<f32> {
    let mut counts = vec![0f32; classes];
    for &label in labels {
        counts[usize::from(label)] += 1.0;
    }
    counts
        .into_iter()
        .map(|count| labels.len() as f32 / (classes as f32 * count.max(1.0)))
        .collect()
}

/// Targets of a batch: smoothed labels, each row times its class weight (one per class).
///
/// # Errors
/// [`Error::Tensor`] when the tensor cannot be made.
pub fn targets(
    labels: impl ExactSizeIterator<Item = u8>,
    weights: &[f32],
    smoothing: f64,
) -> Result<Tensor, Error> {
    let (count, classes) = (labels.len(), weights.len());
    let even = smoothing as f32 / classes as f32;
    let right = 1.0 - smoothing as f32;
    let values: Vec<f32> = labels
        .flat_map(|label| {
            let label = usize::from(label);
            (0..classes).map(move |class| {
                weights[label] * (even + if class == label { right } else { 0.0 })
            })
        })
        .collect();
    Ok(Tensor::from_vec(values, (count, classes), &Device::Cpu)?)
}

/// Mean cross-entropy of logits with (weighted) target rows.
///
/// # Errors
/// [`Error::Tensor`] on shapes that do not fit.
pub fn cross_entropy(logits: &Tensor, targets: &Tensor) -> Result<Tensor, Error> {
    focal(logits, targets, 0.0)
}

/// Mean focal loss: cross-entropy whose terms count (1 - p)^exponent (Lin et al., 2017); exponent 0 is cross-entropy.
///
/// # Errors
/// [`Error::Tensor`] on shapes that do not fit.
pub fn focal(logits: &Tensor, targets: &Tensor, exponent: f64) -> Result<Tensor, Error> {
    let rows = logits.dim(0)? as f64;
    let logs = log_softmax(logits, D::Minus1)?;
    let mut terms = (&logs * targets)?;
    if exponent > 0.0 {
        let miss = logs.exp()?.affine(-1.0, 1.0)?.clamp(1e-6, 1.0)?;
        terms = (terms * miss.powf(exponent)?)?;
    }
    Ok((terms.sum_all()? * (-1.0 / rows))?)
}

/// T^2 KL(teacher / T || student / T), averaged over rows.
///
/// # Errors
/// [`Error::Tensor`] on shapes that do not fit.
pub fn divergence(student: &Tensor, teacher: &Tensor, temperature: f64) -> Result<Tensor, Error> {
    let rows = student.dim(0)? as f64;
    let soft = (teacher / temperature)?;
    let target = softmax(&soft, D::Minus1)?;
    let gap =
        (log_softmax(&soft, D::Minus1)? - log_softmax(&(student / temperature)?, D::Minus1)?)?;
    Ok(((target * gap)?.sum_all()? * (temperature * temperature / rows))?)
}

/// lambda1 |W|_1 + lambda2 sum max(0, |w| - tau) over the weight matrices.
///
/// # Errors
/// [`Error::Tensor`] when there is nothing to sum.
pub fn weight_penalty(variables: &[(String, Var)], config: &LossConfig) -> Result<Tensor, Error> {
    let mut sum = Tensor::zeros((), candle_core::DType::F32, &Device::Cpu)?;
    for (_, variable) in variables
        .iter()
        .filter(|(name, _)| name.ends_with("weight"))
    {
        let size = variable.abs()?;
        let beyond = (&size - config.tau)?.relu()?.sum_all()?;
        sum = (sum + ((size.sum_all()? * config.lambda1)? + (beyond * config.lambda2)?)?)?;
    }
    Ok(sum)
}

/// alpha CE + beta T^2 KL + gamma * weight penalty; terms of weight zero are not computed.
///
/// # Errors
/// [`Error::Tensor`] on shapes that do not fit.
pub fn combined(
    logits: &Tensor,
    targets: &Tensor,
    teacher: &Tensor,
    variables: &[(String, Var)],
    config: &LossConfig,
) -> Result<Tensor, Error> {
    let mut sum = Tensor::zeros((), candle_core::DType::F32, &Device::Cpu)?;
    if config.alpha > 0.0 {
        sum = (sum + (cross_entropy(logits, targets)? * config.alpha)?)?;
    }
    if config.beta > 0.0 {
        sum = (sum + (divergence(logits, teacher, config.temperature)? * config.beta)?)?;
    }
    if config.gamma > 0.0 {
        sum = (sum + (weight_penalty(variables, config)? * config.gamma)?)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::{class_weights, cross_entropy, divergence, focal, targets};

    fn rows<const N: usize>(values: &[[f32; 3]; N]) -> Tensor {
        Tensor::new(values, &Device::Cpu).unwrap()
    }

    #[test]
    fn divergence_of_equal_logits_is_zero_and_of_others_positive() {
        let one = rows(&[[1.0, 2.0, 3.0]]);
        let other = rows(&[[3.0, 2.0, 1.0]]);
        assert!(
            divergence(&one, &one, 3.0)
                .unwrap()
                .to_scalar::<f32>()
                .unwrap()
                .abs()
                < 1e-6
        );
        assert!(
            divergence(&one, &other, 3.0)
                .unwrap()
                .to_scalar::<f32>()
                .unwrap()
                > 0.1
        );
    }

    #[test]
    fn cross_entropy_of_even_logits_is_the_log_of_three() {
        let target = targets([0u8, 1].into_iter(), &[1.0; 3], 0.1).unwrap();
        let loss = cross_entropy(&rows(&[[0.0; 3]; 2]), &target)
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        assert!((loss - 3f32.ln()).abs() < 1e-5);
    }

    #[test]
    fn class_weights_balance_the_classes() {
        let weights = class_weights(&[0, 1, 1, 1, 2, 2], 3);
        assert_eq!(weights, [2.0, 2.0 / 3.0, 1.0]);
    }

    #[test]
    fn focal_loss_forgets_what_is_right_already() {
        let target = targets([0u8].into_iter(), &[1.0; 3], 0.0).unwrap();
        let value = |logits, exponent| {
            focal(&rows(&[logits]), &target, exponent)
                .unwrap()
                .to_scalar::<f32>()
                .unwrap()
        };
        // p = 1/3: (2/3)^2 ln 3.
        assert!((value([0.0; 3], 2.0) - 4.0 / 9.0 * 3f32.ln()).abs() < 1e-5);
        assert!(value([5.0, 0.0, 0.0], 2.0) < 0.001 * value([5.0, 0.0, 0.0], 0.0) + 1e-5);
    }
}
