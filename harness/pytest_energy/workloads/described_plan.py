"""The plan that ONNX Runtime's own description of a model allows, where its graph was not read."""

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_energy.graphs.axis_names import keyed_shape, roles_of
from pytest_energy.results.input_plan import Fill, FreeSize, InputPlan, PlannedInput, Role
from pytest_energy.workloads.synthesis import DTYPES, element_type

# Sizes for free dimensions other than the batch: sequences are short, images have a least size.
_SIZES = (64, 224, 32, 128, 256, 16, 8, 1)
_REASON = "the graph was not read; sizes and bounds are searched for"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One input, as ONNX Runtime describes it.

    Attributes:
        name: Name in the graph.
        type: ONNX Runtime's type string, e.g. ``tensor(float)``.
        shape: A size, or a symbol's name, or None, per dimension.
    """

    name: str
    type: str
    shape: tuple[int | str | None, ...]

    def __str__(self) -> str:
        return f"{self.name!r} {self.type} {list(self.shape)}"


def plan_from_specs(specs: Sequence[InputSpec], batch: int) -> InputPlan:
    """Plan with what is known without the graph: names, dtypes, and sizes that are fixed.

    Floats are standard normal, whole numbers at least 0 with an open bound, uint8 in [0, 256) as in images.
    """
    keyed = [keyed_shape(spec.name, spec.shape) for spec in specs]
    roles = roles_of(keyed)
    sizes = dict.fromkeys(size for shape in keyed for size in shape if isinstance(size, str))
    return InputPlan(
        batch=batch,
        inputs=tuple(
            PlannedInput(
                name=spec.name,
                type=spec.type,
                shape=shape,
                fill=plain_fill(spec.type),
                reason=_REASON,
                count=2 if "seq(" in spec.type else 1,
            )
            for spec, shape in zip(specs, keyed, strict=True)
        ),
        sizes=tuple(_free(key, roles[key], batch) for key in sizes),
        source="description",
    )


def plain_fill(kind: str) -> Fill:
    """Return what an input of a type is filled with when nothing else is known of it."""
    element = element_type(kind)
    if kind.startswith("optional("):
        return Fill(kind="absent")
    if element == "string":
        return Fill(kind="text")
    if element == "bool":
        return Fill(kind="integers", high=2)
    if element == "uint8":
        return Fill(kind="integers", high=256, sure=True)
    if element.startswith(("int", "uint")):
        return Fill(kind="integers")
    return Fill(kind="normal")


def _free(key: str, role: Role, batch: int) -> FreeSize:
    return FreeSize(key=key, candidates=(batch,) if role == "batch" else _SIZES, role=role)


def can_be_fed(planned: PlannedInput) -> bool:
    """Whether a value of this type can be made at all."""
    if planned.fill.kind == "absent":
        return True
    return "map(" not in planned.type and element_type(planned.type) in DTYPES
