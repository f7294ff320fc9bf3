"""Inspection: what a model is, and what one step of it has to compute and to move."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_energy.results.input_plan import InputPlan, plan_from_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An input or an output of a model.

    Attributes:
        name: Its name.
        type: ONNX Runtime's type string.
        shape: A size, a symbol, or None, per axis; () for a scalar, None for an unknown rank.
    """

    name: str
    type: str
    shape: tuple[int | str | None, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one step has to compute and to move, as far as it can be derived from the graph.

    Attributes:
        macs: Multiply-accumulates of matrix products, convolutions and recurrent cells.
        bytes: Bytes that the operators read and write when each runs by itself.
        least_bytes: Bytes of the weights, inputs and outputs: what is moved when all else stays in caches.
        unknown: Operators, by kind, of which ``macs`` or ``bytes`` hold nothing for want of shapes.
    """

    macs: int
    bytes: int
    least_bytes: int
    unknown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a model is.

    Attributes:
        ir_version: Version of the format.
        producer: The exporter and its version; empty where it says nothing.
        opsets: Version of the operators per domain; ``ai.onnx`` for the default one.
        size_bytes: Size of the file, in bytes.
        external_bytes: Size of its external data, in bytes, as far as the model states it.
        parameters: Number of elements of all weights.
        weight_bytes: Their bytes.
        weight_types: Number of elements per type.
        operators: Number of nodes per operator, those of inner graphs included.
        quantization: How it is quantized, in words; None where it is not.
        inputs: What must be fed.
        outputs: What is given back.
        work: One step; None where it could not be derived.
        plan: What would be fed, and why.
    """

    ir_version: int
    producer: str
    opsets: Mapping[str, int]
    size_bytes: int
    external_bytes: int
    parameters: int
    weight_bytes: int
    weight_types: Mapping[str, int]
    operators: Mapping[str, int]
    quantization: str | None
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    work: Work | None
    plan: InputPlan


def inspection_from_plain(plain: Mapping[str, Any]) -> Inspection:
    """Rebuild an inspection from what ``dataclasses.asdict`` and JSON made of it.

    Raises:
        LookupError, TypeError: It is none.
    """
    return Inspection(
        **{
            **plain,
            "inputs": tuple(_value(each) for each in plain["inputs"]),
            "outputs": tuple(_value(each) for each in plain["outputs"]),
            "work": None if plain["work"] is None else Work(**plain["work"]),
            "plan": plan_from_plain(plain["plan"]),
        }
    )


def _value(plain: Mapping[str, Any]) -> Value:
    shape = plain["shape"]
    return Value(**{**plain, "shape": None if shape is None else tuple(shape)})
