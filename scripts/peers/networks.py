"""The networks that both provers get, and the ONNX files of the random ones."""

from dataclasses import dataclass
from itertools import pairwise
from math import log2, sqrt
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTHS = (496, 128, 64, 32, 3)
LARGEST_WEIGHT = 127
# Standard deviation of the values before an activation: they stay within about [-1, 1], as in our exported files.
SPREAD = 0.25


@dataclass(frozen=True)
class Tolerance:
    """How far integer and float network may differ on random windows."""

    # Smallest share of windows with the same class.
    same_class: float
    # Largest root mean square of the logits' difference, in standard deviations of the logits.
    logit_difference: float


# Our exported files differ from the integers by the rounding of each rescale, to about six bits in the shipped model.
EXPORTED = Tolerance(0.93, 0.12)
# Quantised files lose more: the worst case of three squares leaves the last layers few bits.
QUANTISED = Tolerance(0.8, 0.3)


@dataclass(frozen=True)
class Network:
    """One network of the comparison; `activation` is None for the shipped model."""

    name: str
    title: str
    activation: str | None = None
    seed: int = 0

    @property
    def tolerance(self) -> Tolerance:
        """What is demanded of our integers."""
        return EXPORTED if self.activation is None else QUANTISED


NETWORKS = (
    Network("shipped", "the shipped model: quadratic activation, 8-bit, sparse"),
    Network("dense-quadratic", "dense random 8-bit weights, quadratic activation", "quadratic", 1),
    Network("dense-relu", "dense random 8-bit weights, ReLU", "relu", 1),
)


def write_random(network: Network, path: Path) -> None:
    """Writes a network whose weights are random 8-bit integers times a power of two by layer."""
    generator = np.random.default_rng(network.seed)
    nodes, tensors, value = [], [], "window"
    rms = 1 / sqrt(3)  # of inputs uniform in [-1, 1]
    last = len(WIDTHS) - 2
    for layer, (inputs, outputs) in enumerate(pairwise(WIDTHS)):
        weights = generator.integers(-LARGEST_WEIGHT, LARGEST_WEIGHT + 1, size=(outputs, inputs))
        weights[0, 0] = LARGEST_WEIGHT  # the largest is there: quantising to 8 bits gives these integers back
        exponent = round(log2(weights.std() * sqrt(inputs) * rms / SPREAD))
        spread = weights.std() * sqrt(inputs) * rms * 2.0**-exponent
        rms = sqrt(3) * spread**2 if network.activation == "quadratic" else spread / sqrt(2)
        bias = generator.uniform(-0.1, 0.1, size=outputs)
        for name, tensor in (("weights", weights * 2.0**-exponent), ("bias", bias)):
            tensors.append(numpy_helper.from_array(tensor.astype(np.float32), f"{name}{layer}"))
        sums = "logits" if layer == last else f"sums{layer}"
        nodes.append(helper.make_node("Gemm", [value, f"weights{layer}", f"bias{layer}"], [sums], transB=1))
        if layer < last:
            value = f"hidden{layer}"
            quadratic = network.activation == "quadratic"
            nodes.append(helper.make_node("Mul" if quadratic else "Relu", [sums] * (1 + quadratic), [value]))
    graph = helper.make_graph(
        nodes,
        network.name,
        [helper.make_tensor_value_info("window", TensorProto.FLOAT, [1, WIDTHS[0]])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, WIDTHS[-1]])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def windows(count: int, seed: int = 7) -> np.ndarray:
    """Random windows: integers uniform in -128..=127."""
    return np.random.default_rng(seed).integers(-128, 128, size=(count, WIDTHS[0]))
