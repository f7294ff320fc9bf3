"""``pytest-energy train-graph``: an inference model becomes a training step, written as an ONNX model."""

import argparse
from pathlib import Path
from typing import Any

from pytest_energy.cli.recipe_options import add_recipe, hyperparameters_of

_HELP = "make a training step of an inference model, as an ONNX model of standard operators"
_DESCRIPTION = """\
Make a training step of an inference model: forward, loss, backward and update as one ONNX model of standard
operators, which any ONNX Runtime runs on any execution provider. Parameters, and what the optimizer keeps,
are inputs and outputs; each output is the next step's input. The file holds the initial values, and describes
itself under the metadata key pytest_energy.training_step.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("train-graph", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("model", metavar="MODEL", help="the inference model")
    parser.add_argument("-o", "--output", required=True, metavar="STEP.onnx", help="the file to write")
    add_recipe(parser, lowering="cpu")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Build the step and say what it is.

    Raises:
        HarnessError: The model cannot be read or has operators without a gradient rule.
    """
    # Imported here: starting a process of its own needs numpy, and few commands do.
    from pytest_energy.cli.screen import show, standard_screen  # noqa: PLC0415
    from pytest_energy.runtime.step_builder import build_step  # noqa: PLC0415
    from pytest_energy.training.step_description import StepRequest  # noqa: PLC0415

    step = build_step(
        StepRequest(
            model=arguments.model,
            step=arguments.output,
            loss=arguments.loss,
            optimizer=arguments.optimizer,
            hyperparameters=hyperparameters_of(arguments),
            frozen=tuple(arguments.freeze),
            clip_norm=arguments.clip_norm,
            accumulate=arguments.accumulate,
            lowering=arguments.lowering,
            output=arguments.train_output,
        )
    )
    numbers = sum(state.elements for state in step.states if state.of in step.trained)
    scalars = ", ".join(f"{name} {value:g}" for name, value in step.hyperparameters.items())
    screen = standard_screen()
    rows = (
        ("step", f"{arguments.output}, {Path(arguments.output).stat().st_size / 1e6:.3g} MB"),
        ("loss", f"{arguments.loss} of {step.output!r}"),
        ("optimizer", f"{arguments.optimizer}: {scalars}"),
        ("trained", f"{numbers:,} numbers in {len(step.trained)} tensors"),
        ("frozen", f"{len(step.frozen)} tensors"),
        ("inputs", ", ".join((*step.inputs, step.labels))),
    )
    screen.table(("", ""), rows, foldable=[1])
    for note in step.notes:
        screen.line(note)
    show(screen)
    return 0
