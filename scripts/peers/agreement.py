"""The ONNX file in onnxruntime against the integer network, on the same random windows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from networks import Tolerance, windows

WINDOWS = 2000


def activate(activation: Any, quotient: np.ndarray) -> np.ndarray:
    """The integer activation: coefficients of a polynomial, or ReLU by name."""
    if activation == {"kind": "relu"}:
        return np.maximum(quotient, 0)
    values = np.zeros_like(quotient)
    for coefficient in reversed(activation):
        values = values * quotient + coefficient
    return values


def integer_logits(model: dict[str, Any], inputs: np.ndarray) -> np.ndarray:
    """The integer semantics, written a second time: exact, since every value stays below 2^53."""
    values = inputs
    for layer in model["layers"]:
        weights, bias = np.array(layer["weights"], np.int64), np.array(layer["bias"], np.int64)
        values = values @ weights.T + bias
        if layer["activation"]:
            values = activate(layer["activation"], values >> layer["shift"])
        assert np.abs(values).max() < 2**53
    return values


def float_logits(path: Path, inputs: np.ndarray) -> np.ndarray:
    """onnxruntime's logits; integers over 128 are the file's inputs."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    rows = (inputs / 128).astype(np.float32)
    return np.stack([session.run(None, {name: row[None]})[0][0] for row in rows])


def compare(onnx_file: Path, weights_file: Path, tolerance: Tolerance) -> dict[str, float]:
    """Shares and differences; raises when they are beyond the stated tolerance."""
    inputs = windows(WINDOWS)
    exact = integer_logits(json.loads(weights_file.read_text()), inputs)
    floats = float_logits(onnx_file, inputs).astype(np.float64)
    # The integers' unit: the factor with the least squared difference, one for all logits.
    unit = (exact * floats).sum() / np.square(exact, dtype=np.float64).sum()
    difference = np.sqrt(np.square(exact * unit - floats).mean()) / floats.std()
    agreement = float((exact.argmax(axis=1) == floats.argmax(axis=1)).mean())
    if agreement < tolerance.same_class or difference > tolerance.logit_difference:
        raise RuntimeError(
            f"{onnx_file}: same class on {agreement:.3f}, logits differ by {difference:.3f}, want {tolerance}"
        )
    onnx.checker.check_model(onnx.load(onnx_file), full_check=True)
    return {"windows": WINDOWS, "same_class": round(agreement, 4), "logit_difference": round(float(difference), 4)}
