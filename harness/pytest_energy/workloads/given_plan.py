"""The plan of a model's inputs with what the user says of them: what does not exist or fit is refused."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import InputsError
from pytest_energy.results.given_inputs import GivenInput
from pytest_energy.results.input_plan import Fill, InputPlan, PlannedInput
from pytest_energy.workloads.loader import Given
from pytest_energy.workloads.synthesis import DTYPES, element_type

_SAID = "said of the input"


def plan_with_said(plan: InputPlan, said: Sequence[GivenInput]) -> InputPlan:
    """Return the plan with shapes and values as the user wants them; no search changes these.

    Raises:
        InputsError: An input does not exist, or what is said of it does not fit.
    """
    for each in said:
        planned = _planned(plan, each.name)
        if each.shape is not None:
            plan = _sized(plan, planned, each.shape)
        fill = _fill(planned, each)
        reason = f"{_SAID}: {_in_words(each)}"
        shape = planned.shape if each.shape is None else each.shape
        plan = _replaced(plan, replace(planned, shape=shape, fill=fill, reason=reason))
    return plan


def plan_with_arrays(plan: InputPlan, arrays: Given) -> InputPlan:
    """Return the plan for the inputs that are left to be synthesized beside given arrays.

    Raises:
        InputsError: An input does not exist, or its array has another dtype, rank or size.
    """
    for name, value in arrays.items():
        planned = _planned(plan, name)
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, np.ndarray):
            _require_type(plan, planned, first)
            plan = _sized(plan, planned, first.shape)
        plan = _replaced(plan, replace(planned, fill=Fill(kind="absent", sure=True), reason="given"))
    return plan


def as_fed(plan: InputPlan, arrays: Given) -> dict[str, Any]:
    """Return given arrays as ONNX Runtime takes them: strings as objects."""
    strings = {each.name for each in plan.inputs if element_type(each.type) == "string"}
    return {
        name: value.astype(object) if name in strings and isinstance(value, np.ndarray) else value
        for name, value in arrays.items()
    }


def _planned(plan: InputPlan, name: str) -> PlannedInput:
    for each in plan.inputs:
        if each.name == name:
            return each
    names = [each.name for each in plan.inputs]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise InputsError(f"The model has no input {name!r}, which is given. {hint}{_listed(plan)}")


def _listed(plan: InputPlan) -> str:
    listed = "; ".join(f"{each.name!r} {each.type} {list(each.shape)}" for each in plan.inputs)
    return f"Its inputs: {listed or 'none'}."


def _replaced(plan: InputPlan, planned: PlannedInput) -> InputPlan:
    return replace(plan, inputs=tuple(planned if each.name == planned.name else each for each in plan.inputs))


def _sized(plan: InputPlan, planned: PlannedInput, shape: Sequence[int]) -> InputPlan:
    """Let free sizes be those of a shape; what the model fixes, and the batch, must be as they are."""
    if len(shape) != len(planned.shape) and planned.shape:  # () may also stand for an unknown rank
        raise _unfit(
            plan, planned, f"its shape {list(shape)} has {len(shape)} axes, not {len(planned.shape)}"
        )
    sizes: dict[str, int] = {}
    for axis, (given, known) in enumerate(zip(shape, planned.shape, strict=False)):
        if isinstance(known, str):
            if sizes.setdefault(known, given) != given:
                raise _unfit(
                    plan, planned, f"axes that must be equal ({known}) are {sizes[known]} and {given}"
                )
        elif known != given:
            raise _unfit(plan, planned, f"axis {axis} of its shape {list(shape)} is {given}, not {known}")
    for each in plan.sizes:
        if each.role == "batch" and sizes.get(each.key, plan.batch) != plan.batch:
            raise _unfit(
                plan,
                planned,
                f"it has a batch of {sizes[each.key]}, but the benchmark's is {plan.batch}: set batch = "
                f"{sizes[each.key]}, so that the figure is not another batch's",
            )
        if each.key in sizes and each.reason == _SAID and each.candidates != (sizes[each.key],):
            raise _unfit(
                plan,
                planned,
                f"{each.key} is {sizes[each.key]} here, but {each.candidates[0]} of another input",
            )
    free = tuple(
        replace(each, candidates=(sizes[each.key],), reason=_SAID) if each.key in sizes else each
        for each in plan.sizes
    )
    return replace(plan, sizes=free)


def _fill(planned: PlannedInput, said: GivenInput) -> Fill:
    """Return what the values are drawn from: as the plan has it, but for what is said."""
    if said.values is not None:
        _require_values(planned, said.values)
        return Fill(kind="values", values=said.values, sure=True)
    if said.like is None and said.low is None and said.high is None:
        return planned.fill
    kind = said.like or _bounded_kind(planned)
    return Fill(kind=kind, low=said.low, high=said.high, sure=True)


def _bounded_kind(planned: PlannedInput) -> Any:
    """Numbers between bounds are uniform, whatever they were drawn from before."""
    element = element_type(planned.type)
    if element == "string":
        raise InputsError(f"The input {planned.name!r} is of text, which has no low and high: give values.")
    return "uniform" if element in {"float", "double", "float16", "bfloat16"} else "integers"


def _require_values(planned: PlannedInput, values: Sequence[Any]) -> None:
    element = element_type(planned.type)
    text = element == "string"
    if any(isinstance(value, str) != text for value in values):
        raise InputsError(
            f"The values of the input {planned.name!r} must be {'texts' if text else 'numbers'}: it is "
            f"{planned.type}."
        )
    if text or element not in DTYPES or element == "bfloat16":
        return
    wanted = np.asarray(values)
    dtype = np.dtype(DTYPES[element])
    if dtype.kind in "iub":
        limits = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        if any(value != int(value) or not limits[0] <= value <= limits[1] for value in wanted.tolist()):
            raise InputsError(
                f"The values of the input {planned.name!r} must be whole numbers from {limits[0]} to "
                f"{limits[1]}: it is {planned.type}."
            )


def _require_type(plan: InputPlan, planned: PlannedInput, array: npt.NDArray[Any]) -> None:
    element = element_type(planned.type)
    if element == "string":
        fits = array.dtype.kind in "UO"
    else:
        fits = element in DTYPES and array.dtype == np.dtype(DTYPES[element])
    if not fits:
        wanted = "str" if element == "string" else DTYPES.get(element, element)
        raise _unfit(
            plan, planned, f"it has dtype {array.dtype}, not {wanted}: convert it with .astype({wanted!r})"
        )


def _unfit(plan: InputPlan, planned: PlannedInput, why: str) -> InputsError:
    return InputsError(f"What is given for the input {planned.name!r} does not fit: {why}. {_listed(plan)}")


def _in_words(said: GivenInput) -> str:
    parts: Mapping[str, Any] = {
        "like": said.like,
        "values": None if said.values is None else list(said.values[:3]),
        "low": said.low,
        "high": said.high,
        "shape": None if said.shape is None else list(said.shape),
    }
    return ", ".join(f"{key} {value}" for key, value in parts.items() if value is not None)
