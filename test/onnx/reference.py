#!/usr/bin/env python3
"""The semantics of integer networks a second time, in NumPy: digest and outputs of NETWORKS/NAME/network.json.

    reference.py NETWORKS            compares with test/onnx/NAME.expected.json
    reference.py NETWORKS --write    writes them

Every operation is on integers of 64 bits, or on Python's where 64 might not do. No code is shared with the Rust side:
its tests compare `Network::trace` with the files that this writes.
"""

import hashlib
import json
import math
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
FORMAT = "veriregime-network/1"


def windows(size, kernel, stride, padding, dilation):
    """Height and width of the result."""
    reach = [dilation[a] * (kernel[a] - 1) + 1 for a in (0, 1)]
    return [(size[a] + padding[a] + padding[a + 2] - reach[a]) // stride[a] + 1 for a in (0, 1)]


def taps(x, kernel, stride, padding, dilation, fill):
    """For each place of the kernel, the values that it meets: (row, column, channels x height x width)."""
    top, left, bottom, right = padding
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right)), constant_values=fill)
    height, width = windows(x.shape[1:], kernel, stride, padding, dilation)
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            first = (row * dilation[0], column * dilation[1])
            rows = slice(first[0], first[0] + (height - 1) * stride[0] + 1, stride[0])
            columns = slice(first[1], first[1] + (width - 1) * stride[1] + 1, stride[1])
            yield row, column, padded[:, rows, columns]


def convolve(term, x):
    """One convolution, without bias."""
    outputs, groups = term["outputs"], term["groups"]
    fan = x.shape[0] // groups
    weights = np.array(term["weights"], np.int64).reshape(outputs, fan, *term["kernel"])
    total = 0
    for row, column, values in taps(x, term["kernel"], term["stride"], term["padding"], term["dilation"], 0):
        parts = []
        for group in range(groups):
            which = slice(group * (outputs // groups), (group + 1) * (outputs // groups))
            seen = values[group * fan : (group + 1) * fan]
            parts.append(np.einsum("oi,ihw->ohw", weights[which, :, row, column], seen))
        total = total + np.concatenate(parts)
    return total


def looked_up(table, x):
    """A table's values; arguments outside it are an error."""
    values = np.array(table["values"], np.int64)
    index = x - table["low"]
    assert index.min() >= 0 and index.max() < len(values), f"{table['name']}: argument outside the table"
    return values[index]


def normalise(norm, x):
    """Groups of consecutive values; Python's integers, which have no largest one."""
    group, result = norm["group"], []
    flat = [int(v) for v in x.reshape(-1)]
    for start in range(0, len(flat), group):
        values = flat[start : start + group]
        total = sum(values)
        spread = sum((group * v - total) ** 2 for v in values) + norm["epsilon"]
        inverse = math.isqrt((group << 2 * norm["precision"]) // spread)
        for v, scale, bias in zip(values, norm["scale"], norm["bias"]):
            result.append((scale * (group * v - total) * inverse + bias) // norm["divisor"])
    return np.array(result, np.int64).reshape(x.shape)


def run(network, values):
    """The outputs for one input."""
    low, high = network["input"]["low"], network["input"]["high"]
    assert low <= values.min() and values.max() <= high
    tensors = [values.reshape(network["input"]["dims"])]
    for node in network["nodes"]:
        ((kind, node),) = node["operator"].items()
        if kind == "linear":
            sums = np.array(node["bias"], np.int64).reshape(-1, 1, 1)
            for term in node["terms"]:
                sums = sums + convolve(term, tensors[term["input"]])
            result = sums // node["divisor"]
            if node["table"] is not None:
                result = looked_up(network["tables"][node["table"]], result)
        elif kind == "lookup":
            result = looked_up(network["tables"][node["table"]], tensors[node["input"]])
        elif kind == "maximum":
            least = np.iinfo(np.int64).min
            cells = taps(tensors[node["input"]], node["kernel"], node["stride"], node["padding"], [1, 1], least)
            result = np.max([values for _, _, values in cells], axis=0)
        elif kind == "gather":
            result = np.concatenate([tensors[i].reshape(-1) for i in node["inputs"]])
            if node["index"]:
                result = result[node["index"]]
            result = result.reshape(node["dims"])
        elif kind == "norm":
            result = normalise(node, tensors[node["input"]])
        else:
            raise ValueError(kind)
        tensors.append(result)
    return tensors[-1].reshape(-1)


def digest(network):
    """SHA-256 over every number, as `Network::digest` has it: 16 bytes each, big-endian."""
    sha = hashlib.sha256(FORMAT.encode())

    def number(value):
        sha.update(int(value).to_bytes(16, "big", signed=True))

    def numbers(values):
        number(len(values))
        for value in values:
            number(value)

    numbers(network["input"]["dims"])
    numbers([network["input"]["low"], network["input"]["high"]])
    number(len(network["tables"]))
    for table in network["tables"]:
        number(table["low"])
        numbers(table["values"])
    number(len(network["nodes"]))
    for node in network["nodes"]:
        ((kind, node),) = node["operator"].items()
        if kind == "linear":
            number(0)
            number(len(node["terms"]))
            for term in node["terms"]:
                numbers([term["input"], term["outputs"], term["groups"]])
                numbers(term["weights"])
                for field in ("kernel", "stride", "dilation", "padding"):
                    numbers(term[field])
            numbers(node["bias"])
            number(node["divisor"])
            number(-1 if node["table"] is None else node["table"])
        elif kind == "lookup":
            numbers([1, node["input"], node["table"]])
        elif kind == "maximum":
            numbers([2, node["input"]])
            for field in ("kernel", "stride", "padding"):
                numbers(node[field])
        elif kind == "gather":
            number(3)
            for field in ("inputs", "dims", "index"):
                numbers(node[field])
        else:
            numbers([4, node["input"], node["group"]])
            number(node["epsilon"])
            number(node["precision"])
            numbers(node["scale"])
            numbers(node["bias"])
            number(node["divisor"])
    return sha.hexdigest()


def integers(values, meaning):
    """round(value / scale), halves away from zero, cut off at both ends."""
    scaled = np.array(values, np.float64) / meaning["scale"]
    rounded = np.copysign(np.floor(np.abs(scaled)), scaled)
    rounded = rounded + np.copysign(np.abs(scaled) - np.floor(np.abs(scaled)) >= 0.5, scaled)
    return np.clip(rounded, meaning["low"], meaning["high"]).astype(np.int64)


def main():
    networks, write = Path(sys.argv[1]), "--write" in sys.argv
    wrong = 0
    for file in sorted(HERE.glob("*.onnx")):
        name = file.stem
        network = json.loads((networks / name / "network.json").read_text())
        report = json.loads((networks / name / "report.json").read_text())
        inputs = json.loads((HERE / f"{name}.json").read_text())["input_data"]
        outputs = [run(network, integers(x, report["input"])) for x in inputs]
        found = {"digest": digest(network), "outputs": [[int(v) for v in row] for row in outputs]}
        text = json.dumps(found, separators=(",", ":")).replace("],", "],\n") + "\n"
        expected = HERE / f"{name}.expected.json"
        if write:
            expected.write_text(text)
            print(f"{name}: written")
        elif not expected.exists() or expected.read_text() != text:
            print(f"{name}: differs from {expected.name}", file=sys.stderr)
            wrong += 1
        if report["digest"] != found["digest"]:
            print(f"{name}: digest {found['digest']}, the report has {report['digest']}", file=sys.stderr)
            wrong += 1
    sys.exit(f"{wrong} differences" if wrong else None)


if __name__ == "__main__":
    main()
