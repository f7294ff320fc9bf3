"""Shapes, axes, counts and sizes: whole numbers that must agree with the shapes that a graph declares."""

from pytest_energy.graphs.flow import Use
from pytest_energy.graphs.graph_view import GraphView, attributes
from pytest_energy.graphs.operand_rules import Verdict, given, known_sizes, list_length, rule


@rule(
    {
        "Reshape": (1,),
        "Expand": (1,),
        "ConstantOfShape": (0,),
        "AffineGrid": (1,),
        "CenterCropPad": (1,),
        "MaxUnpool": (2,),
    }
)
def _target_shape(view: GraphView, use: Use) -> Verdict | None:
    declared = view.shape(use.node.output[0])
    if declared is None or not all(isinstance(size, int) for size in declared):
        length = list_length(view, use)
        filler = {"Reshape": -1, "Expand": 1}.get(use.node.op_type, 4)
        sizes: tuple[int | str | None, ...] = (filler, *[1] * (length - 1)) if length else ()
        return given(sizes, f"{use.node.op_type}: a shape")
    axes = attributes(use.node).get("axes")
    if use.node.op_type == "AffineGrid":
        return given((declared[0], 1, *declared[1:-1]), "AffineGrid: the shape of the declared grid")
    chosen = declared if axes is None else [declared[axis] for axis in axes]
    return given(tuple(chosen), f"{use.node.op_type}: the declared shape of the result")


@rule({"Tile": (1,)})
def _repeats(view: GraphView, use: Use) -> Verdict | None:
    before, after = known_sizes(view, use.node.input[0]), known_sizes(view, use.node.output[0])
    if before and after and len(before) == len(after):
        return given(tuple(b // max(a, 1) for a, b in zip(before, after, strict=True)), "Tile: repeats")
    return given((1,), "Tile: once")


@rule({"Squeeze": (1,), "Unsqueeze": (1,)})
def _unit_axes(view: GraphView, use: Use) -> Verdict | None:
    """Find axes that turn the shorter of the two declared shapes into the longer one."""
    source, target = view.shape(use.node.input[0]), view.shape(use.node.output[0])
    shorter, longer = (target, source) if use.node.op_type == "Squeeze" else (source, target)
    count = list_length(view, use) or 1
    if not longer or shorter is None:
        return given(tuple(range(count)), f"{use.node.op_type}: axes")
    axes: list[int] = []
    rest = list(shorter)
    for axis, size in enumerate(longer):
        if (
            rest
            and rest[0] == size
            and len(longer) - axis - 1 >= len(rest) - 1
            and (size != 1 or len(axes) >= count)
        ):
            rest.pop(0)
        elif size == 1:
            axes.append(axis)
    return given(tuple(axes[:count]), f"{use.node.op_type}: axes of size 1")


@rule(
    {
        f"Reduce{kind}": (1,)
        for kind in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
    }
)
def _reduced_axes(view: GraphView, use: Use) -> Verdict | None:
    before, after = view.shape(use.node.input[0]), view.shape(use.node.output[0])
    count = list_length(view, use)
    if not count:
        return given((), f"{use.node.op_type}: no axes")
    keeps = attributes(use.node).get("keepdims", 1)
    if before and after and keeps and len(before) == len(after):
        axes = [axis for axis, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        return given(tuple([*axes, 0][:count]), f"{use.node.op_type}: axes that the result has not")
    rest, axes = list(after or ()), []
    for axis, size in enumerate(before or ()):
        if rest and rest[0] == size:
            rest.pop(0)
        else:
            axes.append(axis)
    return given(tuple((axes or [0])[:count]), f"{use.node.op_type}: axes that the result has not")


@rule({"Slice": (1, 2, 3, 4)})
def _slice(view: GraphView, use: Use) -> Verdict | None:
    count = list_length(view, use) or 1
    before, after = known_sizes(view, use.node.input[0]), known_sizes(view, use.node.output[0])
    axes_constant = view.constant(use.node, 3)
    axes = list(range(count)) if axes_constant is None else [int(a) for a in axes_constant.reshape(-1)]
    match use.place:
        case 1:
            return given((0,) * count, "Slice: from the beginning")
        case 2 if before and after:
            return given(tuple(after[axis] for axis in axes), "Slice: as far as declared")
        case 2:
            return given((1,) * count, "Slice: one element")
        case 3:
            return given(tuple(range(count)), "Slice: the first axes")
        case _:
            return given((1,) * count, "Slice: steps of one")


@rule({"Pad": (1,)})
def _pads(view: GraphView, use: Use) -> Verdict | None:
    before, after = known_sizes(view, use.node.input[0]), known_sizes(view, use.node.output[0])
    if before and after and (list_length(view, use) or 2 * len(before)) == 2 * len(before):
        ends = [b - a for a, b in zip(before, after, strict=True)]
        return given((*[0] * len(ends), *ends), "Pad: up to the declared shape")
    return given((0,), "Pad: nothing is added")


@rule({"Split": (1,), "SplitToSequence": (1,)})
def _splits(view: GraphView, use: Use) -> Verdict | None:
    axis = attributes(use.node).get("axis", 0)
    if use.node.op_type == "Split":
        sizes = [shape[axis] for name in use.node.output if (shape := view.shape(name))]
        if sizes and all(isinstance(size, int) for size in sizes):
            return given(tuple(sizes), "Split: sizes of the declared results")
    shape, count = view.shape(use.node.input[0]), list_length(view, use)
    size = shape[axis] if shape else None
    if not isinstance(size, int) or not count:
        return given((1,), f"{use.node.op_type}: one at a time")
    return given((*[size // count] * (count - 1), size - size // count * (count - 1)), "even parts")


@rule({"TopK": (1,)})
def _k(view: GraphView, use: Use) -> Verdict | None:
    shape = view.shape(use.node.output[0])
    size = shape[attributes(use.node).get("axis", -1)] if shape else None
    return given((size if isinstance(size, int) else 1,), "TopK: as many as declared")


@rule({"OneHot": (1,)})
def _depth(view: GraphView, use: Use) -> Verdict | None:
    shape = view.shape(use.node.output[0])
    size = shape[attributes(use.node).get("axis", -1)] if shape else None
    return given((size if isinstance(size, int) else 10,), "OneHot: the declared depth")


@rule({"Range": (0, 1, 2)})
def _range(view: GraphView, use: Use) -> Verdict | None:
    size = next(iter(view.shape(use.node.output[0]) or ()), None)
    count = size if isinstance(size, int) else 8
    return given(((0, count, 1)[use.place],), f"Range: {count} numbers from 0 in steps of 1")


@rule({"Resize": (1, 2, 3), "Upsample": (1,)})
def _resize(view: GraphView, use: Use) -> Verdict | None:
    before, after = known_sizes(view, use.node.input[0]), known_sizes(view, use.node.output[0])
    axes = attributes(use.node).get("axes") or range(len(before or ()))
    what = {("Upsample", 1): "scales", ("Resize", 1): "roi", ("Resize", 2): "scales", ("Resize", 3): "sizes"}
    match what[use.node.op_type, use.place]:
        case "roi":
            half = (list_length(view, use) or 2) // 2
            return given((*[0.0] * half, *[1.0] * half), "Resize: the whole image")
        case "scales" if before and after:
            # A little more where it is no whole ratio, since the product is rounded down.
            scales = tuple(
                after[axis] / before[axis] + (0 if after[axis] % before[axis] == 0 else 1e-3) for axis in axes
            )
            return given(scales, "Resize: scales to the declared shape")
        case "scales":
            return given((1.0, 1.0, 2.0, 2.0)[-(list_length(view, use) or 4) :], "Resize: twice the size")
        case _ if after:
            return given(tuple(after[axis] for axis in axes), "Resize: the declared shape")
        case _:
            return None


@rule({"Col2Im": (1, 2)})
def _columns(view: GraphView, use: Use) -> Verdict | None:
    whole, columns = known_sizes(view, use.node.output[0]), known_sizes(view, use.node.input[0])
    if not whole or not columns:
        return None
    if use.place == 1:
        return given(tuple(whole[2:]), "Col2Im: the declared image")
    area, count = columns[1] // whole[1], len(whole) - 2
    side = round(area ** (1 / count))
    block = (side,) * count if side**count == area else (*[1] * (count - 1), area)
    return given(block, "Col2Im: a block of the declared area")
