"""Gradients of recurrent layers: gates are computed again for all steps at once, and one scan goes back.

The forward pass stays the operator that it is. What it hands out, ``Y``, holds every hidden state, so that
all gates follow from products over the whole sequence; only what is truly recurrent is done step by step.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from pytest_energy.errors import NoGradient
from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, TrainingForm, gradient, training_form
from pytest_energy.training.rules.recurrent_direction import Back, Direction, directions
from pytest_energy.training.scan import scan
from pytest_energy.training.tape import Tape, Value

_DERIVATIVES: Mapping[str, Callable[[Value], Value]] = {
    "Relu": lambda y: y.tape.Cast(y.tape.Greater(y, 0.0), to=y.dtype),
    "Sigmoid": lambda y: y * (1.0 - y),
    "Tanh": lambda y: 1.0 - y * y,
}
"""Derivatives of activations, by what they put out."""

_DEFAULTS = {"RNN": ("Tanh",), "GRU": ("Sigmoid", "Tanh"), "LSTM": ("Sigmoid", "Tanh", "Tanh")}
_W, _R, _B, _H, _C, _PEEPHOLES = 1, 2, 3, 5, 6, 7


@training_form("RNN", "GRU", "LSTM")
def with_all_states(node: Node, _: frozenset[str]) -> TrainingForm | None:
    """Hand out the hidden states of all steps, which the gradient is computed from."""
    if node.y[0] is not None:
        return None
    outputs = node.op.calls(node.operator, len(node.y), *node.x, **node.attributes)
    return TrainingForm(outputs=outputs)


@gradient("RNN")
def rnn(node: Node) -> Sequence[Thunk | None]:
    """``h = f(x W^T + h' R^T + b); da = f' (dy + dh); dh' = da R``."""
    return _thunks(node, _rnn)


def _rnn(way: Direction) -> Back:
    (f,) = _activations(way)
    slope = way.masked(_DERIVATIVES[f](f_of(f, way.inner() + way.recurrent())))
    r, keep = way.part(_R), way.keep

    def step(op: Tape, carried: Sequence[Value], now: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        dh, da = _by_gates(carried[0] + now[0], now[1])
        before = op.MatMul(da, r)
        return [before if keep is None else before + dh * now[2]], [da]

    ends, (da,) = _back(way, step, [way.d_end(1)], [way.dy, slope, *_listed(keep)])
    return Back(inner=da, recurrent=da, r=way.by_weight(da, way.before), states=ends)


def _by_gates(dh: Value, slope: Value) -> tuple[Value, Value]:
    return dh, dh * slope


@gradient("LSTM")
def lstm(node: Node) -> Sequence[Thunk | None]:
    """``c = f c' + i g; h = o tanh(c)``.

    With ``dh`` the gradient by h from above and from the next step, ``dc += dh o (1 - tanh(c)^2)``, and the
    gates get ``do = dh tanh(c), di = dc g, df = dc c', dg = dc i``, each by the slope of its activation; the
    step before gets ``dc' = dc f, dh' = da R``.
    """
    if node.optional(_PEEPHOLES) is not None or node.attribute("input_forget", 0):
        raise NoGradient(_unsupported(node, "has peepholes or a coupled forget gate"))
    return _thunks(node, _lstm)


def _lstm(way: Direction) -> Back:
    op = way.node.op
    for_gates, for_cell, for_output = _activations(way)
    a_i, a_o, a_f, a_g = op.calls("Split", 4, way.inner() + way.recurrent(), axis=-1, num_outputs=4)
    i, o, f = (f_of(for_gates, each) for each in (a_i, a_o, a_f))
    g = f_of(for_cell, a_g)
    forget, added = way.held(f), way.masked(i * g)
    cell_before = _cells(way, forget, added)
    out = f_of(for_output, forget * cell_before + added)
    slope = _DERIVATIVES[for_gates]
    by_gate = (g * slope(i), out * slope(o), cell_before * slope(f), i * _DERIVATIVES[for_cell](g))
    slopes = op.Concat(*map(way.masked, by_gate), axis=-1)
    by_cell = way.masked(o * _DERIVATIVES[for_output](out))
    r, keep = way.part(_R), way.keep

    def step(op: Tape, carried: Sequence[Value], now: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        dh = carried[0] + now[0]
        dc = carried[1] + dh * now[2]
        da = op.Concat(dc, dh, dc, dc, axis=-1) * now[1]
        before = op.MatMul(da, r)
        return [before if keep is None else before + dh * now[4], dc * now[3]], [da]

    ends, (da,) = _back(
        way, step, [way.d_end(1), way.d_end(2)], [way.dy, slopes, by_cell, forget, *_listed(keep)]
    )
    return Back(inner=da, recurrent=da, r=way.by_weight(da, way.before), states=ends)


def _cells(way: Direction, forget: Value, added: Value) -> Value:
    """Return the cell state before each step."""

    def step(op: Tape, carried: Sequence[Value], now: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        return [carried[0] * now[0] + now[1]], [op.Identity(carried[0])]

    _, (before,) = scan(
        step,
        [way.initial(_C)],
        [forget, added],
        written_out=way.written_out,
        backwards=way.backwards,
    )
    return before


@gradient("GRU")
def gru(node: Node) -> Sequence[Thunk | None]:
    """``h = (1 - z) g + z h'; dg = dh (1 - z), dz = dh (h' - g), dh' = dh z + ...`` by each gate's way to h'.

    The reset gate works on h' before it is multiplied, ``g = tanh(x W + (r h') R)``, or after it,
    ``g = tanh(x W + r (h' R))``, where the attribute ``linear_before_reset`` says so.
    """
    return _thunks(node, _gru_reset_after if node.attribute("linear_before_reset", 0) else _gru_reset_before)


def _gru_reset_after(way: Direction) -> Back:
    op = way.node.op
    for_gates, for_new = _activations(way)
    (x_z, x_r, x_g), (h_z, h_r, h_g) = (
        op.calls("Split", 3, each, axis=-1, num_outputs=3) for each in (way.inner(), way.recurrent())
    )
    z, r = f_of(for_gates, x_z + h_z), f_of(for_gates, x_r + h_r)
    g = f_of(for_new, x_g + r * h_g)
    slope = _DERIVATIVES[for_gates]
    by_g = way.masked((1.0 - z) * _DERIVATIVES[for_new](g))
    by_z = way.masked((way.before - g) * slope(z))
    by_r = by_g * h_g * slope(r)
    slopes = op.Concat(by_z, by_r, by_g * r, axis=-1)
    weight = way.part(_R)

    def step(op: Tape, carried: Sequence[Value], now: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        dh = carried[0] + now[0]
        da = op.Concat(dh, dh, dh, axis=-1) * now[1]
        return [op.MatMul(da, weight) + dh * now[2]], [dh, da]

    ends, (dh, da) = _back(way, step, [way.d_end(1)], [way.dy, slopes, way.held(z)])
    inner = op.Concat(dh * by_z, dh * by_r, dh * by_g, axis=-1)
    return Back(inner=inner, recurrent=da, r=way.by_weight(da, way.before), states=ends)


def _gru_reset_before(way: Direction) -> Back:
    op = way.node.op
    for_gates, for_new = _activations(way)
    gates, new = op.calls("Split", 2, way.part(_R), _thirds(way), axis=0)
    x_z, x_r, x_g = op.calls("Split", 3, way.inner() + way.recurrent_bias(), axis=-1, num_outputs=3)
    h_z, h_r = op.calls("Split", 2, way.times(way.before, gates), axis=-1, num_outputs=2)
    z, r = f_of(for_gates, x_z + h_z), f_of(for_gates, x_r + h_r)
    reset = r * way.before
    g = f_of(for_new, x_g + way.times(reset, new))
    slope = _DERIVATIVES[for_gates]
    by_g = way.masked((1.0 - z) * _DERIVATIVES[for_new](g))
    by_z = way.masked((way.before - g) * slope(z))

    def step(op: Tape, carried: Sequence[Value], now: Sequence[Value]) -> tuple[list[Value], list[Value]]:
        dh = carried[0] + now[0]
        d_g, d_z = dh * now[1], dh * now[2]
        d_reset = op.MatMul(d_g, new)
        d_gates = op.Concat(d_z, d_reset * now[3], axis=-1)
        return [op.MatMul(d_gates, gates) + dh * now[4] + d_reset * now[5]], [d_gates, d_g]

    sequences = [way.dy, by_g, by_z, way.before * slope(r), way.held(z), r]
    ends, (d_gates, d_g) = _back(way, step, [way.d_end(1)], sequences)
    da = op.Concat(d_gates, d_g, axis=-1)
    d_r = op.Concat(way.by_weight(d_gates, way.before), way.by_weight(d_g, reset), axis=0)
    return Back(inner=da, recurrent=da, r=d_r, states=ends)


def _thirds(way: Direction) -> Value:
    """Return the numbers of rows that are for both gates, and for the new state."""
    op = way.node.op
    hidden = op.Slice(op.Shape(way.part(_R)), [1], [2])
    return op.Concat(hidden + hidden, hidden, axis=0)


def f_of(activation: str, value: Value) -> Value:
    """Apply an activation by its name."""
    return value.tape.call(activation, value)


def _activations(way: Direction) -> Sequence[str]:
    """Return the activations of one direction.

    Raises:
        NoGradient: One of them has no derivative here.
    """
    names = _DEFAULTS[way.node.operator]
    given = [each.decode().title() for each in way.node.attribute("activations", [])]
    named = given[way.index * len(names) : (way.index + 1) * len(names)] or names
    if unknown := sorted(set(named) - set(_DERIVATIVES)):
        raise NoGradient(_unsupported(way.node, f"has the activation {unknown[0]}"))
    return named


def _unsupported(node: Node, what: str) -> str:
    return (
        f"{node.operator} {node.name!r} {what}, which has no gradient here. Export the layer with its "
        "default activations and gates, or freeze the parameters before it."
    )


def _back(
    way: Direction,
    step: Callable[[Tape, Sequence[Value], Sequence[Value]], tuple[list[Value], list[Value]]],
    carried: Sequence[Value],
    sequences: Sequence[Value],
) -> tuple[Sequence[Value], Sequence[Value]]:
    """Scan from the last step to the first."""
    return scan(
        step,
        carried,
        sequences,
        written_out=way.written_out,
        backwards=not way.backwards,
    )


def _listed(value: Value | None) -> list[Value]:
    return [] if value is None else [value]


def _thunks(node: Node, differentiate: Callable[[Direction], Back]) -> Sequence[Thunk | None]:
    """Go back through every direction once, and hand out the gradients by each input."""
    op = node.op
    if node.attribute("layout", 0) or "clip" in node.attributes:
        raise NoGradient(_unsupported(node, "has another layout, or clips"))

    @cache
    def ways() -> Sequence[tuple[Direction, Back]]:
        return [(way, differentiate(way)) for way in directions(node)]

    def stacked(of: Callable[[Direction, Back], Value]) -> Value:
        parts = [op.Unsqueeze(of(way, back), [0]) for way, back in ways()]
        return parts[0] if len(parts) == 1 else op.call("Concat", *parts, axis=0)

    def dx() -> Value:
        parts = [op.MatMul(back.inner, way.part(_W)) for way, back in ways()]
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]

    def d_bias(_: Direction, back: Back) -> Value:
        sums = [op.ReduceSum(each, [0, 1], keepdims=0) for each in (back.inner, back.recurrent)]
        return op.Concat(*sums, axis=0)

    return (
        dx,
        lambda: stacked(lambda way, back: way.by_weight(back.inner, way.x)),
        lambda: stacked(lambda _, back: back.r),
        lambda: stacked(d_bias),
        None,
        lambda: stacked(lambda _, back: back.states[0]),
        lambda: stacked(lambda _, back: back.states[1]),
    )
