"""Numbers that a function is defined for, and settings that make an operator do its work."""

from collections.abc import Mapping

from pytest_energy.graphs.flow import Use
from pytest_energy.graphs.graph_view import GraphView
from pytest_energy.graphs.operand_rules import Verdict, given, known_sizes, rule, shown, sure
from pytest_energy.results.input_plan import Fill


@rule({"Loop": (0,)})
def _trips(_: GraphView, __: Use) -> Verdict | None:
    return Fill(kind="values", values=(8,)), "Loop: 8 trips"


@rule({"Loop": (1,)})
def _goes_on(_: GraphView, __: Use) -> Verdict | None:
    return given((True,), "Loop: goes on")


@rule({"If": (0,)})
def _branch(_: GraphView, use: Use) -> Verdict | None:
    return Fill(kind="values", values=(False,)), f"If {shown(use.node.name)}: the else branch"


@rule(
    {
        "CumSum": (1,),
        "CumProd": (1,),
        "SequenceAt": (1,),
        "SequenceInsert": (2,),
        "SequenceErase": (1,),
        "Trilu": (1,),
        "DFT": (2,),
        "RoiAlign": (2,),
        "TensorScatter": (2,),
        "GridSample": (),
    }
)
def _zero(_: GraphView, use: Use) -> Verdict | None:
    return given((0,), f"{use.node.op_type}: the first")


@rule({"DFT": (1,), "STFT": (3,)})
def _frame(view: GraphView, use: Use) -> Verdict | None:
    shape = known_sizes(view, use.node.input[0])
    size = shape[1] if shape and len(shape) > 1 else 16
    return given((size if use.node.op_type == "DFT" else min(16, size),), f"{use.node.op_type}: a frame")


@rule({"STFT": (1,)})
def _step(_: GraphView, __: Use) -> Verdict | None:
    return given((8,), "STFT: steps of 8")


@rule({"HannWindow": (0,), "HammingWindow": (0,), "BlackmanWindow": (0,)})
def _window(view: GraphView, use: Use) -> Verdict | None:
    shape = known_sizes(view, use.node.output[0])
    return given((shape[0] if shape else 16,), f"{use.node.op_type}: its size")


@rule({"MelWeightMatrix": (0, 1, 2, 3, 4)})
def _mel(view: GraphView, use: Use) -> Verdict | None:
    shape = known_sizes(view, use.node.output[0]) or (9, 8)
    value = (shape[1], 2 * (shape[0] - 1), 8192, 0.0, 4096.0)[use.place]
    return given((value,), "MelWeightMatrix: bands below half the sample rate")


@rule({"NonMaxSuppression": (2, 3, 4)})
def _suppression(_: GraphView, use: Use) -> Verdict | None:
    return given(((3,), (0.5,), (0.0,))[use.place - 2], "NonMaxSuppression: usual thresholds")


@rule({"Dropout": (1, 2)})
def _dropout(_: GraphView, use: Use) -> Verdict | None:
    return given((0.5,) if use.place == 1 else (False,), "Dropout: as at inference")


@rule(
    {
        "BatchNormalization": (4,),
        "InstanceNormalization": (),
        "Sqrt": (0,),
        "Log": (0,),
        "LpNormalization": (),
    }
)
def _positive(_: GraphView, use: Use) -> Verdict | None:
    return Fill(kind="uniform", low=0.1, high=2.0), f"{use.node.op_type}: positive numbers"


@rule({"Pow": (0,), "Acosh": (0,)})
def _above_one(_: GraphView, use: Use) -> Verdict | None:
    return Fill(kind="uniform", low=1.0, high=3.0), f"{use.node.op_type}: numbers above 1"


@rule({"Pow": (1,)})
def _exponent(_: GraphView, __: Use) -> Verdict | None:
    return Fill(kind="integers", low=1, high=4), "Pow: small exponents"


@rule({"Asin": (0,), "Acos": (0,), "Atanh": (0,)})
def _within_one(_: GraphView, use: Use) -> Verdict | None:
    return Fill(kind="uniform", low=-0.9, high=0.9), f"{use.node.op_type}: within (-1, 1)"


@rule({"Bernoulli": (0,)})
def _probability(_: GraphView, __: Use) -> Verdict | None:
    return sure("uniform", 0, 1, "Bernoulli: probabilities")


@rule({"Div": (1,), "Mod": (1,)})
def _divisor(_: GraphView, use: Use) -> Verdict | None:
    return Fill(kind="integers", low=1, high=10), f"{use.node.op_type}: no division by 0"


@rule({"BitShift": (1,)})
def _shift(_: GraphView, __: Use) -> Verdict | None:
    return sure("integers", 0, 4, "BitShift: few bits")


_SCALES: Mapping[str, tuple[int, ...]] = {
    "QuantizeLinear": (1,),
    "DequantizeLinear": (1,),
    "QLinearConv": (1, 4, 6),
    "QLinearMatMul": (1, 4, 6),
}


@rule(_SCALES)
def _scale(_: GraphView, use: Use) -> Verdict | None:
    return sure("uniform", 0.01, 0.1, f"{use.node.op_type}: a scale")


@rule(
    {
        "QuantizeLinear": (2,),
        "DequantizeLinear": (2,),
        "QLinearConv": (2, 5, 7),
        "QLinearMatMul": (2, 5, 7),
        "ConvInteger": (2, 3),
        "MatMulInteger": (2, 3),
    }
)
def _zero_point(_: GraphView, use: Use) -> Verdict | None:
    return given((0,), f"{use.node.op_type}: a zero point")


@rule(
    {
        "DequantizeLinear": (0,),
        "QLinearConv": (0,),
        "QLinearMatMul": (0,),
        "ConvInteger": (0,),
        "MatMulInteger": (0,),
    }
)
def _quantized(_: GraphView, use: Use) -> Verdict | None:
    return Fill(kind="integers", low=-128, high=128), f"{use.node.op_type}: quantized values"
