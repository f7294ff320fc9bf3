"""What each input is filled with and why: by what operators ask of it, then by its name, then by its type."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from pytest_energy.graphs.flow import MIXED, Use, uses_of
from pytest_energy.graphs.graph_view import GraphView, Shape, shape_of, type_string
from pytest_energy.graphs.index_operands import INDEXING
from pytest_energy.graphs.operand_fills import operand_fill
from pytest_energy.graphs.operand_rules import Verdict
from pytest_energy.results.input_plan import Fill

_MASK = re.compile(r"mask|padding|valid", re.IGNORECASE)
_TOKEN_TYPE = re.compile(r"token_type|segment", re.IGNORECASE)
_POSITION = re.compile(r"position|pos_ids", re.IGNORECASE)
_LENGTH = re.compile(r"length|_lens?$|_len\b|num_frames|durations?$", re.IGNORECASE)
_RATE = re.compile(r"^sr$|sample_?rate|sampling_rate", re.IGNORECASE)
_FACTOR = re.compile(r"scale|speed|rate|temperature|factor|alpha|pace|energy|pitch", re.IGNORECASE)
_LOWER = re.compile(r"min(?:imum)?\b|min_|lower", re.IGNORECASE)
_UPPER = re.compile(r"max(?:imum)?\b|max_|upper", re.IGNORECASE)
_STATE = re.compile(r"state|past|cache|hidden|^[hc]_?\d*$|^[hc]_?(?:in|0)$|mem", re.IGNORECASE)
_COLOURS = frozenset({1, 3, 4})
_AUDIO = frozenset({"STFT", "Pad", "Conv", "Unsqueeze", "Reshape"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFacts:
    """What is known of one input.

    Attributes:
        name: Its name.
        type: ONNX Runtime's type string.
        shape: Its declared shape; None for an unknown rank.
        uses: Where it ends up.
    """

    name: str
    type: str
    shape: Shape | None
    uses: Sequence[Use]

    @property
    def is_float(self) -> bool:
        """Whether it holds floating-point numbers."""
        return any(kind in self.type for kind in ("float", "double"))

    @property
    def is_single(self) -> bool:
        """Whether it is one number."""
        return self.shape is not None and all(size == 1 for size in self.shape)


def facts_of(view: GraphView, value: onnx.ValueInfoProto) -> InputFacts:
    """Gather what is known of an input."""
    return InputFacts(
        name=value.name,
        type=type_string(value.type),
        shape=shape_of(value.type),
        uses=uses_of(view, value.name),
    )


def fill_of(view: GraphView, facts: InputFacts) -> Verdict:
    """Decide what an input is filled with, and say why."""
    asked = _asked_by_operators(view, facts)
    if asked and asked[0].sure:
        return _named_kind(facts, asked)
    return _by_pattern(view, facts) or asked or _by_name(facts) or _by_type(facts)


def _asked_by_operators(view: GraphView, facts: InputFacts) -> Verdict | None:
    """Return the strictest of what the operators ask."""
    verdicts = [
        verdict for use in facts.uses if _concerns(facts, use) and (verdict := operand_fill(view, use))
    ]
    sure = [verdict for verdict in verdicts if verdict[0].sure]
    return min(sure or verdicts, key=_strictness, default=None)


def _concerns(facts: InputFacts, use: Use) -> bool:
    """Whether it is the input's own values, not a mere part of them, that an operator's rule speaks of."""
    indexing = (use.node.op_type, use.place) in INDEXING
    if not indexing and {"Concat", "Gather", MIXED} & set(use.through):
        return False
    return not (facts.is_float and indexing and not use.as_whole)


def _strictness(verdict: Verdict) -> float:
    fill = verdict[0]
    return -1.0 if fill.kind in {"values", "lengths"} else float("inf") if fill.high is None else fill.high


def _named_kind(facts: InputFacts, asked: Verdict) -> Verdict:
    """Refine whole numbers in a range by the name: positions count, token types and masks are few."""
    fill, reason = asked
    if fill.kind == "integers" and _POSITION.search(facts.name) and not facts.is_single:
        return Fill(kind="positions", high=fill.high, sure=True), reason
    return asked


def _by_pattern(view: GraphView, facts: InputFacts) -> Verdict | None:
    for use in facts.uses:
        kind = use.node.op_type
        if kind == "Sub" and use.place == 1 and _is_constant(view, use.node, 0, 1.0):
            return Fill(kind="mask"), "in {0, 1}: 1 - mask"
        if kind == "Attention" and use.node.domain == "com.microsoft" and use.place == 3:  # noqa: PLR2004
            return Fill(kind="mask"), "in {0, 1}: mask of Attention"
        if kind == "Equal" and facts.is_single and "string" not in facts.type:
            compared = view.constant(use.node, 1 - use.place)
            if compared is not None and compared.size == 1:
                number = compared.reshape(-1)[0].item()
                return Fill(kind="values", values=(number,)), f"{number}: the graph compares it with that"
        if kind == "Equal" and (bound := _hot_bound(view, use)):
            return Fill(
                kind="integers", high=bound, sure=True
            ), f"< {bound}: it is compared with 0 to {bound - 1}"
    if facts.uses and all(use.as_bool for use in facts.uses) and "bool" not in facts.type:
        return Fill(kind="mask"), "in {0, 1}: it is cast to bool"
    return None


def _hot_bound(view: GraphView, use: Use) -> int | None:
    """Return how many numbers from 0 on a value is compared with, as where it is made one-hot."""
    compared = view.constant(use.node, 1 - use.place)
    if compared is None or compared.size < 2 or compared.dtype.kind not in "iu":  # noqa: PLR2004 - several
        return None
    counts = np.arange(compared.size)
    return int(compared.size) if np.array_equal(np.sort(compared.reshape(-1)), counts) else None


def _by_name(facts: InputFacts) -> Verdict | None:  # noqa: PLR0911 - one per kind of name
    """Go by the name, for what does not follow from the graph."""
    name, whole = facts.name, "int" in facts.type
    numeric = whole or facts.is_float
    if "bool" in facts.type or "string" in facts.type or not numeric:
        return None
    if facts.is_single and _RATE.search(name):
        return Fill(kind="values", values=(16000,)), "16000: its name speaks of a sample rate"
    if facts.is_single and facts.is_float and _FACTOR.search(name):
        return Fill(kind="values", values=(1.0,)), "1: its name speaks of a factor"
    if facts.is_single and facts.is_float and _LOWER.search(name):
        return Fill(kind="values", values=(0.0,)), "0: its name speaks of a lower end"
    if facts.is_single and facts.is_float and _UPPER.search(name):
        return Fill(kind="values", values=(1000.0,)), "1000: its name speaks of an upper end"
    if _MASK.search(name):
        return Fill(kind="mask"), "in {0, 1}: its name speaks of a mask"
    if whole and _TOKEN_TYPE.search(name):
        return Fill(kind="integers", high=2), "< 2: its name speaks of token types"
    if whole and _POSITION.search(name):
        return Fill(kind="positions"), "0, 1, 2 ...: its name speaks of positions"
    if whole and _LENGTH.search(name) and len(facts.shape or ()) <= 1:
        return Fill(kind="lengths"), "its name speaks of lengths"
    return None


def _by_type(facts: InputFacts) -> Verdict:  # noqa: PLR0911 - one per type
    kind = facts.type
    if kind.startswith("optional("):
        return Fill(kind="absent"), "optional: left out"
    if "string" in kind:
        return Fill(kind="text"), "words"
    if "bool" in kind:
        return Fill(kind="integers", high=2), "true or false"
    if "uint8" in kind:
        return Fill(kind="integers", high=256, sure=True), "0 to 255, as in images"
    if "int" in kind:
        if facts.is_single:
            return Fill(kind="integers", low=1, high=9), "a small number: nothing bounds it"
        return Fill(kind="integers"), "whole numbers: nothing in the graph bounds them"
    if facts.is_single and not is_state(facts.name):
        return Fill(kind="uniform", low=0.5, high=1.0), "one number around 1"
    if is_image(facts):
        return Fill(kind="uniform", low=0.0, high=1.0), "0 to 1, as in images"
    if is_waveform(facts):
        return Fill(kind="normal", high=0.1), "normal with deviation 0.1, as in sound"
    return Fill(kind="normal"), "normal with mean 0 and deviation 1"


def is_image(facts: InputFacts) -> bool:
    """Whether an input has the rank and the channels of images."""
    shape = facts.shape or ()
    return len(shape) == 4 and (shape[1] in _COLOURS or shape[3] in _COLOURS)  # noqa: PLR2004 - NCHW or NHWC


def is_waveform(facts: InputFacts) -> bool:
    """Whether an input has one long axis and goes where sound goes."""
    shape = facts.shape or ()
    long = [size for size in shape if not isinstance(size, int) or size >= 256]  # noqa: PLR2004 - samples
    narrow = [size for size in shape if size not in long]
    if not 1 <= len(long) <= 2 or len(shape) > 3 or any(size not in (1, 2) for size in narrow):  # noqa: PLR2004
        return False
    return any(use.node.op_type in _AUDIO for use in facts.uses)


def is_state(name: str) -> bool:
    """Whether a name speaks of a recurrent state."""
    return bool(_STATE.search(name))


def _is_constant(view: GraphView, node: onnx.NodeProto, place: int, number: float) -> bool:
    constant = view.constant(node, place)
    return constant is not None and constant.size == 1 and bool(constant.reshape(-1)[0] == number)
