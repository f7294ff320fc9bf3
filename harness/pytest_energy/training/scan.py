"""A scan: the same nodes for every step of a sequence, as an operator with a body, or written out."""

from collections.abc import Callable, Sequence

from onnx import GraphProto, ValueInfoProto, helper

from pytest_energy.training.tape import Tape, Value

Body = Callable[[Tape, Sequence[Value], Sequence[Value]], tuple[Sequence[Value], Sequence[Value]]]
"""Given what is carried and one step of each sequence: what is carried on, and one step of each output."""


_MATRIX = (None, None)  # ONNX Runtime wants to know the ranks inside a Scan


def scan(
    body: Body,
    carried: Sequence[Value],
    sequences: Sequence[Value],
    *,
    written_out: int | None = None,
    backwards: bool = False,
) -> tuple[Sequence[Value], Sequence[Value]]:
    """Record a scan along the first axis; what is carried, and each step, is a matrix.

    Args:
        body: One step.
        carried: What the first step is given.
        sequences: Tensors that are cut along their first axis; one at least.
        written_out: Number of the steps, to record each of them; None for one operator with a body, which
            few accelerators have.
        backwards: Whether it begins at the end. Outputs are in the order of the sequences all the same.

    Returns:
        What is carried after the last step, and the outputs of all steps.
    """
    if written_out is not None:
        return _written_out(body, carried, sequences, written_out, backwards=backwards)
    op = sequences[0].tape
    graph, outputs = _graph(body, carried, sequences)
    direction = int(backwards)
    made = op.calls(
        "Scan",
        len(carried) + outputs,
        *carried,
        *sequences,
        body=graph,
        num_scan_inputs=len(sequences),
        scan_input_directions=[direction] * len(sequences),
        scan_output_directions=[direction] * outputs,
    )
    return made[: len(carried)], made[len(carried) :]


def _graph(body: Body, carried: Sequence[Value], sequences: Sequence[Value]) -> tuple[GraphProto, int]:
    """Return the body as a graph, and the number of outputs beyond what it carries."""
    tape = sequences[0].tape.branch()
    given = [
        Value(name=tape.unused(f"{tape.scope}/step"), dtype=each.dtype, tape=tape)
        for each in (*carried, *sequences)
    ]
    on, outputs = body(tape, given[: len(carried)], given[len(carried) :])
    ends = [tape.Identity(value) for value in (*on, *outputs)]  # an input may not be an output as it is
    graph = helper.make_graph(
        tape.take(), "step", [_info(value) for value in given], [_info(value) for value in ends]
    )
    graph.initializer.extend(tape.constants.values())
    return graph, len(outputs)


def _info(value: Value) -> ValueInfoProto:
    return helper.make_tensor_value_info(value.name, value.dtype, _MATRIX)


def _written_out(
    body: Body, carried: Sequence[Value], sequences: Sequence[Value], length: int, *, backwards: bool
) -> tuple[Sequence[Value], Sequence[Value]]:
    op = sequences[0].tape
    parts = [
        op.calls("Split", length, each, [1] * length, axis=0) if length > 1 else (each,) for each in sequences
    ]
    steps = [[op.Squeeze(part, [0]) for part in each] for each in zip(*parts, strict=True)]
    collected: list[Sequence[Value]] = []
    for step in reversed(steps) if backwards else steps:
        carried, outputs = body(op, carried, step)
        collected.append([op.Unsqueeze(value, [0]) for value in outputs])
    ordered = collected[::-1] if backwards else collected
    return carried, [op.call("Concat", *each, axis=0) for each in zip(*ordered, strict=True)]
