#!/usr/bin/env python3
"""Makes the ONNX fixtures: small networks, trained for a moment on invented classes, by exporters that are not ours.

Every NAME.onnx comes with NAME.json: inputs and what onnxruntime makes of them, {"input_data": [[..]], "output_data": [[..]]}.

    python3 -m venv .venv-onnx && .venv-onnx/bin/pip install -r test/onnx/requirements.txt
    .venv-onnx/bin/python test/onnx/make.py [NAME ..]
"""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
import onnx
import onnxruntime as ort

HERE = Path(__file__).resolve().parent
SEED = 7
SAMPLES = 16
FIXTURES = {}


def fixture(make):
    """Registers a maker: it writes the file and returns inputs; the output read is the last one of real numbers."""
    FIXTURES[make.__name__] = make
    return make


def classes(shape, count, samples, noise=0.6, seed=SEED):
    """Points around one template for each class."""
    draw = np.random.default_rng(seed)
    templates = draw.normal(0, 0.6, (count, *shape))
    labels = draw.integers(0, count, samples)
    points = templates[labels] + draw.normal(0, noise, (samples, *shape))
    return np.clip(points, -2, 2).round(2).astype(np.float32), labels


def write(name, inputs):
    """The JSON file of a fixture."""
    session = ort.InferenceSession(HERE / f"{name}.onnx", providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    outputs = [o.name for o in session.get_outputs() if o.type in ("tensor(float)", "tensor(double)")]
    rows = [session.run(outputs[-1:], {entry.name: x[None]})[0].reshape(-1) for x in inputs]
    number = lambda v: float(f"{v:.7g}")
    text = json.dumps(
        {
            "input_data": [[number(v) for v in x.reshape(-1)] for x in inputs],
            "output_data": [[number(v) for v in row] for row in rows],
        },
        separators=(",", ":"),
    )
    (HERE / f"{name}.json").write_text(text.replace("],", "],\n") + "\n")
    size = (HERE / f"{name}.onnx").stat().st_size
    operators = sorted({node.op_type for node in onnx.load(HERE / f"{name}.onnx").graph.node})
    print(f"{name}: {size} bytes, {' '.join(operators)}")


# PyTorch.


def train(model, shape, count, steps=120, noise=0.6):
    """Trains a model for a moment; returns inputs that it has not seen."""
    import torch

    torch.set_num_threads(1)
    points, labels = classes(shape, count, 32 * 16 + SAMPLES, noise)
    x, y = torch.tensor(points[SAMPLES:]), torch.tensor(labels[SAMPLES:])
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    model.train()
    for step in range(steps):
        at = slice(step * 32 % len(x), step * 32 % len(x) + 32)
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(x[at]), y[at]).backward()
        optimiser.step()
    model.eval()
    return points[:SAMPLES]


def torch_fixture(name, shape, count, build, new=False, opset=17, dynamic=False, **training):
    """A PyTorch network through the old exporter, or the new one."""
    import torch

    torch.manual_seed(SEED)
    model = build(torch.nn)
    inputs = train(model, shape, count, **training)
    example = torch.tensor(inputs[:1])
    if new:
        program = torch.onnx.export(model, (example,), dynamo=True, opset_version=18, verbose=False)
        program.save(str(HERE / f"{name}.onnx"))
    else:
        axes = {"input": {0: "batch"}, "output": {0: "batch"}} if dynamic else None
        torch.onnx.export(
            model, (example,), str(HERE / f"{name}.onnx"), dynamo=False, opset_version=opset,
            input_names=["input"], output_names=["output"], dynamic_axes=axes,
        )
    strip(name)
    return inputs


def strip(name):
    """Leaves out what names the machine: the exporter's stack traces."""
    model = onnx.load(HERE / f"{name}.onnx")
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    onnx.save(model, HERE / f"{name}.onnx")


@fixture
def mlp(name):
    return torch_fixture(name, (20,), 4, lambda nn: nn.Sequential(
        nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 4), nn.Softmax(dim=-1)))


@fixture
def cnn1d(name):
    return torch_fixture(name, (8, 60), 3, lambda nn: nn.Sequential(
        nn.Conv1d(8, 16, 5), nn.ReLU(), nn.Conv1d(16, 32, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(),
        nn.Linear(32 * 27, 24), nn.ReLU(), nn.Linear(24, 3)), new=True)


@fixture
def lenet(name):
    def build(nn):
        class LeNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
                self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

            def forward(self, x):
                import torch.nn.functional as F

                x = F.max_pool2d(F.relu(self.conv1(x)), 2)
                x = F.max_pool2d(F.relu(self.conv2(x)), 2)
                # A shape that the exporter computes in the graph.
                x = x.view(x.size(0), -1)
                return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

        return LeNet()

    return torch_fixture(name, (3, 32, 32), 10, build, dynamic=True)


@fixture
def separable(name):
    def block(nn, a, b, stride):
        return [nn.Conv2d(a, a, 3, stride, 1, groups=a, bias=False), nn.BatchNorm2d(a), nn.ReLU6(),
                nn.Conv2d(a, b, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU6()]

    return torch_fixture(name, (3, 16, 16), 5, lambda nn: nn.Sequential(
        nn.BatchNorm2d(3), nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6(), *block(nn, 8, 16, 1),
        *block(nn, 16, 24, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(24, 5)))


def residual_block(nn):
    class Block(nn.Module):
        def __init__(self, a, b, stride):
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(),
                                      nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
            plain = stride == 1 and a == b
            self.short = nn.Identity() if plain else nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))

        def forward(self, x):
            return (self.body(x) + self.short(x)).relu()

    return Block


@fixture
def residual(name):
    def build(nn):
        block = residual_block(nn)
        return nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.ReLU(), block(8, 8, 1), block(8, 16, 2),
                             nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))

    return torch_fixture(name, (3, 12, 12), 4, build, new=True)


@fixture
def residual_old(name):
    def build(nn):
        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), residual_block(nn)(8, 8, 1))
                self.head = nn.Linear(8, 4)

            def forward(self, x):
                return self.head(self.blocks(x).mean(dim=[2, 3]))

        return Network()

    return torch_fixture(name, (3, 8, 8), 4, build, opset=13)


@fixture
def inception(name):
    def build(nn):
        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.one, self.three = nn.Conv2d(3, 6, 1), nn.Conv2d(3, 6, 3, padding=1)
                self.pool, self.after = nn.MaxPool2d(3, 1, 1), nn.Conv2d(3, 4, 1)
                self.mean = nn.AvgPool2d(3, 1, 1)
                self.head = nn.Linear(19 * 16, 4)

            def forward(self, x):
                import torch

                parts = [self.one(x).relu(), self.three(x).relu(), self.after(self.pool(x)).relu(), self.mean(x)]
                x = nn.functional.max_pool2d(torch.cat(parts, dim=1), 2)
                return self.head(x.flatten(1))

        return Network()

    return torch_fixture(name, (3, 8, 8), 4, build)


@fixture
def strided(name):
    return torch_fixture(name, (4, 15, 15), 4, lambda nn: nn.Sequential(
        nn.Conv2d(4, 8, (3, 5), (2, 1), (1, 2), groups=2), nn.ReLU(), nn.Conv2d(8, 12, 3, 1, 2, dilation=2), nn.ReLU(),
        nn.Conv2d(12, 12, 3, 2, groups=12), nn.MaxPool2d(2, 2, ceil_mode=True), nn.ReLU(), nn.Flatten(), nn.Linear(12 * 2 * 4, 4)), new=True)


@fixture
def activations(name):
    return torch_fixture(name, (12,), 4, lambda nn: nn.Sequential(
        nn.Linear(12, 16), nn.LeakyReLU(0.1), nn.Linear(16, 16), nn.SiLU(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16),
        nn.Sigmoid(), nn.Linear(16, 16), nn.ELU(), nn.Linear(16, 16), nn.Softplus(), nn.Linear(16, 16), nn.Hardswish(),
        nn.Linear(16, 16), nn.Hardsigmoid(), nn.Linear(16, 4), nn.LogSoftmax(dim=1)), steps=400)


@fixture
def polynomial(name):
    def build(nn):
        class Square(nn.Module):
            def forward(self, x):
                return x * x

        class Cubic(nn.Module):
            def forward(self, x):
                return 0.1 * x**3 + 0.5 * x + 0.25

        return nn.Sequential(nn.Conv2d(2, 6, 3), Square(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3), Cubic(), nn.AvgPool2d(2, 1),
                             nn.Flatten(), nn.Linear(8 * 9, 3))

    return torch_fixture(name, (2, 14, 14), 3, build)


@fixture
def layernorm(name):
    return torch_fixture(name, (16,), 4, lambda nn: nn.Sequential(
        nn.Linear(16, 32), nn.LayerNorm(32), nn.ReLU(), nn.Linear(32, 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 4)), new=True)


@fixture
def layernorm_old(name):
    return torch_fixture(name, (16,), 4, lambda nn: nn.Sequential(
        nn.Linear(16, 32), nn.LayerNorm(32), nn.ReLU(), nn.Linear(32, 32), nn.LayerNorm(32, elementwise_affine=False),
        nn.Tanh(), nn.Linear(32, 4)), opset=13)


@fixture
def mixer(name):
    def build(nn):
        class Mixer(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm, self.tokens, self.channels = nn.LayerNorm(12), nn.Linear(10, 10), nn.Linear(12, 24)
                self.back, self.head = nn.Linear(24, 12), nn.Linear(12, 3)

            def forward(self, x):
                x = x + self.tokens(self.norm(x).transpose(1, 2)).transpose(1, 2)
                x = x + self.back(self.channels(x).relu())
                return self.head(x.mean(dim=1))

        return Mixer()

    return torch_fixture(name, (10, 12), 3, build)


@fixture
def allconv(name):
    def build(nn):
        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 1))

            def forward(self, x):
                return nn.functional.adaptive_avg_pool2d(self.body(x), 1).flatten(1)

        return Network()

    return torch_fixture(name, (3, 9, 9), 4, build, steps=300)


# Quantised by onnxruntime.


def quantised(name, shape, count, build, **options):
    from onnxruntime.quantization import CalibrationDataReader, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    inputs = torch_fixture(name, shape, count, build)
    points, _ = classes(shape, count, 64, seed=SEED + 1)

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.rest = iter([{"input": x[None]} for x in [*inputs, *points[:32]]])

        def get_next(self):
            return next(self.rest, None)

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        quant_pre_process(str(HERE / f"{name}.onnx"), str(plain))
        quantize_static(str(plain), str(HERE / f"{name}.onnx"), Reader(), **options)
    strip(name)
    return inputs


def small_cnn(nn):
    return nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 12, 3, 2, 1),
                         nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 4))


@fixture
def qdq_cnn(name):
    from onnxruntime.quantization import QuantFormat, QuantType

    return quantised(name, (3, 12, 12), 4, small_cnn, quant_format=QuantFormat.QDQ, activation_type=QuantType.QInt8,
                     weight_type=QuantType.QInt8, per_channel=False)


@fixture
def qdq_mlp(name):
    from onnxruntime.quantization import QuantFormat, QuantType

    return quantised(name, (20,), 4, lambda nn: nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 4)),
                     quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


@fixture
def qdq_channels(name):
    from onnxruntime.quantization import QuantFormat, QuantType

    def build(nn):
        block = residual_block(nn)
        return nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.ReLU(), block(8, 8, 1), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 16, 4))

    return quantised(name, (3, 8, 8), 4, build, quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8,
                     weight_type=QuantType.QInt8, per_channel=True)


@fixture
def qlinear(name):
    from onnxruntime.quantization import QuantFormat, QuantType

    def build(nn):
        return nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, 4, 3, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())

    return quantised(name, (3, 10, 10), 16, build, quant_format=QuantFormat.QOperator, activation_type=QuantType.QUInt8,
                     weight_type=QuantType.QUInt8)


# scikit-learn.


def learned(name, model, features, count):
    from skl2onnx import to_onnx

    points, labels = classes((features,), count, 400)
    model.fit(points[SAMPLES:], labels[SAMPLES:])
    file = to_onnx(model, points[:1], options={"zipmap": False}, target_opset=17)
    (HERE / f"{name}.onnx").write_bytes(file.SerializeToString())
    return points[:SAMPLES]


@fixture
def sk_mlp(name):
    from sklearn.neural_network import MLPClassifier

    return learned(name, MLPClassifier((24, 16), max_iter=60, random_state=SEED), 10, 4)


@fixture
def sk_mlp_binary(name):
    from sklearn.neural_network import MLPClassifier

    return learned(name, MLPClassifier((12,), activation="tanh", max_iter=60, random_state=SEED), 8, 2)


@fixture
def sk_logistic(name):
    from sklearn.linear_model import LogisticRegression

    return learned(name, LogisticRegression(random_state=SEED), 12, 5)


@fixture
def sk_scaled(name):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return learned(name, make_pipeline(StandardScaler(), LogisticRegression(random_state=SEED)), 6, 2)


# Keras.


def keras_fixture(name, shape, count, build):
    import keras
    import tensorflow as tf
    import tf2onnx

    tf.config.threading.set_intra_op_parallelism_threads(1)
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    model = build(keras)
    points, labels = classes(shape, count, 400)
    model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy")
    model.fit(points[SAMPLES:], labels[SAMPLES:], epochs=6, batch_size=32, verbose=0, shuffle=False)
    call = tf.function(lambda x: model(x, training=False), input_signature=[tf.TensorSpec((None, *shape), tf.float32, name="input")])
    file, _ = tf2onnx.convert.from_function(call, input_signature=call.input_signature, opset=17)
    onnx.save(renumbered(file), HERE / f"{name}.onnx")
    return points[:SAMPLES]


def renumbered(file):
    """Names end in counters that depend on threads: counted anew in the order of their use."""
    graph, names = file.graph, {}
    for node in graph.node:
        for value in [*node.input, *node.output, node.name]:
            stem, _, rest = value.partition("__")
            names.setdefault(value, f"{stem}__{len(names)}{':0' if rest.endswith(':0') else ''}" if rest else value)
    for node in graph.node:
        node.input[:] = [names[value] for value in node.input]
        node.output[:] = [names[value] for value in node.output]
        node.name = names[node.name]
    for value in [*graph.initializer, *graph.output, *graph.value_info]:
        value.name = names.get(value.name, value.name)
    tensors = sorted(graph.initializer, key=lambda tensor: tensor.name)
    del graph.initializer[:]
    graph.initializer.extend(tensors)
    return file


@fixture
def keras_cnn(name):
    def build(keras):
        layers = keras.layers
        return keras.Sequential([
            keras.Input((14, 14, 2)), layers.Conv2D(6, 3, padding="same", activation="relu"), layers.BatchNormalization(),
            layers.MaxPooling2D(2), layers.SeparableConv2D(8, 3, strides=2, padding="same"), layers.ReLU(6.0),
            layers.Flatten(), layers.Dense(4, activation="softmax")])

    return keras_fixture(name, (14, 14, 2), 4, build)


@fixture
def keras_mlp(name):
    def build(keras):
        layers = keras.layers
        return keras.Sequential([
            keras.Input((16,)), layers.Dense(24, activation="elu"), layers.LayerNormalization(), layers.Dense(16, activation="swish"),
            layers.Dense(3, activation="softmax")])

    return keras_fixture(name, (16,), 3, build)


def main():
    names = sys.argv[1:] or list(FIXTURES)
    for name in names:
        write(name, FIXTURES[name](name))


if __name__ == "__main__":
    main()
