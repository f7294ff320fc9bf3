"""Cases of recurrent layers."""

import numpy as np

from pytest_energy.training.gradient_check import Case

random = np.random.default_rng(8)
STEPS, BATCH, INPUTS, HIDDEN = 4, 3, 2, 3
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def layer(operator, *, bias=True, lengths=None, states=False, free=(), **attributes):
    """Return a layer; what is not given is left out."""
    direction = attributes.get("direction", "forward")
    ways, rows = 2 if direction == "bidirectional" else 1, GATES[operator] * HIDDEN

    def normal(*shape):
        return random.standard_normal(shape)

    initial = (2 if operator == "LSTM" else 1) if states else 0
    outputs = attributes.pop("outputs", 3 if operator == "LSTM" else 2)
    return Case(
        operator=operator,
        inputs=(
            normal(STEPS, BATCH, INPUTS),
            normal(ways, rows, INPUTS),
            normal(ways, rows, HIDDEN),
            normal(ways, 2 * rows) if bias else None,
            None if lengths is None else np.array(lengths, np.int32),
            *(normal(ways, BATCH, HIDDEN) for _ in range(initial)),
        ),
        attributes={"hidden_size": HIDDEN, **attributes},
        outputs=outputs,
        free=free,
    )


CASES = {
    f"{operator}{name}": layer(operator, **options)
    for operator in GATES
    for name, options in {
        "": {},
        " without bias": {"bias": False},
        " of states alone": {"outputs": 1},
        " from behind": {"direction": "reverse", "states": True},
        " in both directions": {"direction": "bidirectional", "states": True},
        " of unequal lengths": {"direction": "bidirectional", "states": True, "lengths": (4, 1, 3)},
        " of free sizes": {"free": (0,)},
    }.items()
} | {
    "GRU with a late reset": layer("GRU", linear_before_reset=1, states=True),
    "GRU with a late reset, both directions": layer(
        "GRU", linear_before_reset=1, direction="bidirectional", lengths=(2, 4, 3), states=True
    ),
}
