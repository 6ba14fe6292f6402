"""The layer suite's experiments as data: `layer_suite.py --check` compares names and precisions with ours.

Ours are in circuits/examples/networks/experiment.rs; needs nothing but Python, so that `make test` can run it.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "circuits/examples/networks/experiment.rs"
LENET = "LeNet-5 whole"
LENET_SLICES = tuple(f"LeNet-5 in 5 slices, slice {number}" for number in range(1, 6))
# EZKL's scale (bits after the point) beside our bits of a whole number: the published study's two precisions.
SCALES = {8: 7, 11: 10}


@dataclass(frozen=True)
class Layer:
    """One layer; what does not apply to its kind stays as it is."""

    kind: str
    outputs: int = 0
    stride: int = 1
    groups: int = 1


def conv(outputs: int, stride: int = 1, groups: int = 1) -> Layer:
    """3 x 3, padded by one."""
    return Layer("conv", outputs, stride, groups)


def dense(outputs: int) -> Layer:
    """With a bias."""
    return Layer("dense", outputs)


def cnn(acts: tuple[str, str], pools: tuple[str | None, str | None], stride: int = 1) -> tuple[Layer, ...]:
    """Two convolutions to 32 and 64 channels, each with its activation and pool, then ten classes."""
    layers: list[Layer] = []
    for outputs, act, pool in zip((32, 64), acts, pools, strict=True):
        layers += [conv(outputs, stride), Layer(act)] + ([Layer(pool)] if pool else [])
    return (*layers, dense(10))


VALUES, IMAGE, PICTURE = (1, 64, 64), (32, 64, 64), (3, 32, 32)
SUITE: dict[str, tuple[tuple[int, ...], tuple[Layer, ...]]] = {
    "ReLU": (VALUES, (Layer("relu"),)),
    "SiLU": (VALUES, (Layer("silu"),)),
    "Tanh": (VALUES, (Layer("tanh"),)),
    "x^2": (VALUES, (Layer("square"),)),
    "MaxPool2d": (IMAGE, (Layer("max_pool"),)),
    "AvgPool2d": (IMAGE, (Layer("average_pool"),)),
    "BatchNorm2d": (IMAGE, (Layer("batch_norm"),)),
    "LayerNorm": (IMAGE, (Layer("layer_norm"),)),
    "Conv2d 32->64 k3 s1 p1": (IMAGE, (conv(64),)),
    "Conv2d 32->64 k3 s2 p1": (IMAGE, (conv(64, stride=2),)),
    "Conv2d depthwise 32 k3": (IMAGE, (conv(32, groups=32),)),
    "Dense 256->128": ((256,), (dense(128),)),
    "Dense 128->64": ((128,), (dense(64),)),
    "Dense 1024->512": ((1024,), (dense(512),)),
    "Conv2d 16->32 k3": ((16, 32, 32), (conv(32),)),
    "Conv2d 64->128 k3": ((64, 128, 128), (conv(128),)),
    "CNN_ReLU": (PICTURE, cnn(("relu", "relu"), ("max_pool", "max_pool"))),
    "CNN_Poly": (PICTURE, cnn(("square", "square"), ("average_pool", "average_pool"))),
    "CNN_Mixed": (PICTURE, cnn(("square", "relu"), ("average_pool", "average_pool"))),
    "CNN_Strided": (PICTURE, cnn(("relu", "relu"), (None, None), stride=2)),
}


def experiments() -> dict[str, tuple[str, int]]:
    """Network and scale by the names of our reports."""
    all_layers = {f"{name}/{bits}": (name, scale) for bits, scale in SCALES.items() for name in SUITE}
    return all_layers | {name: (name, SCALES[8]) for name in (LENET, *LENET_SLICES)}


def ours() -> set[str]:
    """Names in experiment.rs: the strings of `layers`, without published figures, and LeNet whole and in slices."""
    source = OURS.read_text()
    body = source.split("\nfn layers()")[1].split("\n}\n")[0]
    precisions = re.search(r"for bits in \[([^]]*)\]", body)
    assert precisions, f"{OURS}: no precisions"
    literals = re.findall(r'"([^"]*)"', re.sub(r"published\([^)]*\)", "", body))
    names = [literal for literal in literals if "{" not in literal]
    lenet = set(re.findall(r'experiment\("(LeNet-5 whole)"', source))
    sliced = "LeNet-5 in 5 slices"
    if f'experiment("{sliced}"' in source:
        lenet |= {f"{sliced}, slice {number}" for number in range(1, 6)}
    return {f"{name}/{bits.strip()}" for name in names for bits in precisions[1].split(",")} | lenet


def main() -> int:
    """Compares."""
    theirs, expected = set(experiments()), ours()
    for name in sorted(theirs ^ expected):
        where = "experiment.rs" if name in expected else "layer_suite.py"
        print(f"{name}: only in {where}", file=sys.stderr)
    return int(theirs != expected)


if __name__ == "__main__":
    sys.exit(main())
