"""ONNX files of the layer suite: float weights from a seed, every attribute spelled out (EZKL knows no defaults)."""

import json
from math import prod, sqrt
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, checker, helper, numpy_helper, shape_inference
from onnx.utils import Extractor

from layer_suite import LENET, LENET_SLICES, ROOT, SUITE, Layer

SEED = 7
KERNEL = 3
# What lies between the slices of LeNet: each convolution with its pool, and each dense layer, is one.
BOUNDARIES = ("input", "/MaxPool_output_0", "/MaxPool_1_output_0", "/Relu_2_output_0", "/Relu_3_output_0", "output")
POOL = {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 0, 0], "ceil_mode": 0}


class Builder:
    """A graph under construction; values stay at about unit variance."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        self.generator = np.random.default_rng(SEED)
        self.nodes: list[NodeProto] = []
        self.tensors: list[TensorProto] = []
        self.dims, self.value = dims, "input"

    def tensor(self, values: np.ndarray, kind: type = np.float32) -> str:
        """A constant's name."""
        name = f"tensor{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(values).astype(kind), name))
        return name

    def normal(self, *shape: int, fan: int) -> str:
        """Random weights of a sum over `fan` terms."""
        return self.tensor(self.generator.normal(0, 1 / sqrt(fan), shape))

    def uniform(self, low: float, high: float, *shape: int) -> str:
        """Random constants of a normalisation."""
        return self.tensor(self.generator.uniform(low, high, shape))

    def push(self, operator: str, *inputs: str, **attributes: object) -> str:
        """A node's output."""
        self.value = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [self.value], **attributes))
        return self.value

    def add(self, layer: Layer) -> None:
        """One layer."""
        getattr(self, layer.kind)(layer)

    def relu(self, _: Layer) -> None:
        self.push("Relu", self.value)

    def tanh(self, _: Layer) -> None:
        self.push("Tanh", self.value)

    def silu(self, _: Layer) -> None:
        x = self.value
        self.push("Mul", x, self.push("Sigmoid", x))

    def square(self, _: Layer) -> None:
        self.push("Mul", self.value, self.value)

    def pool(self, operator: str, **attributes: object) -> None:
        """Halves both sides."""
        self.push(operator, self.value, **POOL, **attributes)
        self.dims = (self.dims[0], self.dims[1] // 2, self.dims[2] // 2)

    def max_pool(self, _: Layer) -> None:
        self.pool("MaxPool", dilations=[1, 1], storage_order=0)

    def average_pool(self, _: Layer) -> None:
        self.pool("AveragePool", count_include_pad=0)

    def batch_norm(self, _: Layer) -> None:
        channels = self.dims[0]
        ranges = ((0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5), (0.5, 1.5))  # scale, bias, mean, variance
        constants = [self.uniform(low, high, channels) for low, high in ranges]
        self.push("BatchNormalization", self.value, *constants, epsilon=1e-5, momentum=0.9)

    def layer_norm(self, _: Layer) -> None:
        """Over all values, as PyTorch exports it where there is no operator of its own."""
        axes = [-3, -2, -1]
        x = self.value
        centred = self.push("Sub", x, self.push("ReduceMean", x, axes=axes, keepdims=1))
        squares = self.push("Mul", centred, centred)
        variance = self.push("ReduceMean", squares, axes=axes, keepdims=1)
        deviation = self.push("Sqrt", self.push("Add", variance, self.tensor(np.array(1e-5))))
        normal = self.push("Div", centred, deviation)
        scaled = self.push("Mul", normal, self.uniform(0.5, 1.5, *self.dims))
        self.push("Add", scaled, self.uniform(-0.5, 0.5, *self.dims))

    def conv(self, layer: Layer) -> None:
        channels, *sides = self.dims
        fan = channels // layer.groups * KERNEL**2
        weights = self.normal(layer.outputs, channels // layer.groups, KERNEL, KERNEL, fan=fan)
        self.push(
            "Conv",
            self.value,
            weights,
            self.normal(layer.outputs, fan=fan),
            kernel_shape=[KERNEL, KERNEL],
            strides=[layer.stride] * 2,
            pads=[1, 1, 1, 1],
            dilations=[1, 1],
            group=layer.groups,
        )
        self.dims = (layer.outputs, *((side - 1) // layer.stride + 1 for side in sides))

    def dense(self, layer: Layer) -> None:
        fan = prod(self.dims)
        if len(self.dims) > 1:
            self.push("Reshape", self.value, self.tensor(np.array([1, fan]), np.int64))
        weights, bias = self.normal(layer.outputs, fan, fan=fan), self.normal(layer.outputs, fan=fan)
        self.push("Gemm", self.value, weights, bias, alpha=1.0, beta=1.0, transA=0, transB=1)
        self.dims = (layer.outputs,)


def lenet() -> onnx.ModelProto:
    """test/onnx's with one window as its batch."""
    whole = onnx.load(ROOT / "test/onnx/lenet.onnx")
    for value in (*whole.graph.input, *whole.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    return whole


def lenet_slice(number: int) -> onnx.ModelProto:
    """One of five slices, the first is 0."""
    shaped = shape_inference.infer_shapes(lenet(), strict_mode=True, data_prop=True)
    first, last = BOUNDARIES[number : number + 2]
    return Extractor(shaped).extract_model([first], [last])


def model(name: str) -> onnx.ModelProto:
    """The network of an experiment."""
    if name == LENET:
        return lenet()
    if name in LENET_SLICES:
        return lenet_slice(LENET_SLICES.index(name))
    dims, layers = SUITE[name]
    builder = Builder(dims)
    for layer in layers:
        builder.add(layer)
    graph = helper.make_graph(
        builder.nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, *dims])],
        [helper.make_tensor_value_info(builder.value, TensorProto.FLOAT, [1, *builder.dims])],
        builder.tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def values(made: onnx.ModelProto) -> list[float]:
    """An input: standard normal, rounded so that its file stays short."""
    dims = [dim.dim_value for dim in made.graph.input[0].type.tensor_type.shape.dim]
    return [round(float(value), 4) for value in np.random.default_rng(SEED + 1).normal(size=prod(dims))]


def write(name: str, folder: Path) -> None:
    """model.onnx and input.json."""
    made = model(name)
    checker.check_model(made, full_check=True)
    onnx.save(made, folder / "model.onnx")
    (folder / "input.json").write_text(json.dumps({"input_data": [values(made)]}))
