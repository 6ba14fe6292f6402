"""Writes the small ONNX files of distill's tests with the `onnx` package: `fixtures.py FOLDER`.

`expected.json` lists the readable ones with their activation's coefficients (none: Relu) and onnxruntime's logits.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import NodeProto, TensorProto, checker, helper, numpy_helper, save

INPUT = np.array([[0.5, -0.25, 0.125, 1.0]], np.float32)


def node(operator: str, inputs: str, to: str, name: str = "", **attributes: Any) -> NodeProto:
    """A node; input names are separated by blanks."""
    return helper.make_node(operator, inputs.split(), [to], name=name, **attributes)


def write(
    path: Path, nodes: list[NodeProto], *, columns: bool = False, dtype: type = np.float32, **changed: np.ndarray
) -> None:
    """A 4-5-3 network from nodes that use weights0, bias0, weights1 and bias1."""
    generator = np.random.default_rng(1)
    shapes = {"weights0": (5, 4), "bias0": (5,), "weights1": (3, 5), "bias1": (3,)}
    tensors = {name: generator.uniform(-1, 1, shape) for name, shape in shapes.items()}
    if columns:
        tensors |= {name: tensors[name].T for name in ("weights0", "weights1")}
    tensors |= changed
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(
        nodes,
        "fixture",
        [helper.make_tensor_value_info("x", kind, ["batch", 4])],
        [helper.make_tensor_value_info("y", kind, ["batch", 3])],
        [numpy_helper.from_array(tensor.astype(dtype), name) for name, tensor in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    checker.check_model(model)
    save(model, path)


def gemms(*between: NodeProto, value: str = "h") -> list[NodeProto]:
    """Two layers with nodes between them, from `s` to `value`."""
    first = node("Gemm", "x weights0 bias0", "s", "first", transB=1)
    return [first, *between, node("Gemm", f"{value} weights1 bias1", "y", "last", transB=1)]


def main() -> None:
    """Writes every fixture."""
    folder = Path(sys.argv[1])
    three = helper.make_tensor("three", TensorProto.FLOAT, [], [3.0])
    matmuls = [
        node("MatMul", "x weights0", "m"),
        node("Add", "bias0 m", "s"),
        node("Mul", "s s", "h"),
        node("MatMul", "h weights1", "n"),
        node("Add", "n bias1", "y"),
    ]
    cubic = [
        node("Constant", "", "three", value=three),
        node("Mul", "s s", "s2"),
        node("Mul", "s2 s", "s3"),
        node("Mul", "three s", "t"),
        node("Add", "s3 t", "h"),
    ]
    offset = [node("Add", "s half", "a"), node("Mul", "a a", "h")]
    half = np.array([0.5])
    readable: dict[str, tuple[list[NodeProto], dict[str, Any], list[float]]] = {
        "relu.onnx": (gemms(node("Relu", "s", "h")), {}, []),
        "matmul.onnx": (matmuls, {"columns": True}, [0, 0, 1]),
        "cubic.onnx": (gemms(*cubic), {}, [0, 3, 0, 1]),
        "offset.onnx": (gemms(*offset), {"half": half}, [0.25, 1, 1]),
    }
    expected = []
    for name, (nodes, changed, coefficients) in readable.items():
        write(folder / name, nodes, **changed)
        session = onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
        expected.append([name, coefficients, session.run(None, {"x": INPUT})[0][0].tolist()])
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")

    square = node("Mul", "s s", "h")
    write(
        folder / "refused_softmax.onnx",
        [*gemms(square)[:-1], node("Gemm", "h weights1 bias1", "z", transB=1), node("Softmax", "z", "y", "last")],
    )
    write(
        folder / "refused_alpha.onnx",
        [node("Gemm", "x weights0 bias0", "s", "first", transB=1, alpha=0.5), *gemms(square)[1:]],
    )
    skip = [square, node("Gemm", "h square", "g"), node("Add", "g s", "k", "skip")]
    write(folder / "refused_residual.onnx", gemms(*skip, value="k"), square=np.eye(5))
    write(folder / "refused_degree.onnx", gemms(node("Mul", "s s", "q"), node("Mul", "q q", "h")))
    write(folder / "refused_bias.onnx", gemms(square), bias0=np.ones(2))
    write(folder / "refused_width.onnx", gemms(square), weights0=np.ones((5, 3)))
    write(folder / "refused_double.onnx", gemms(square), dtype=np.float64)


if __name__ == "__main__":
    main()
