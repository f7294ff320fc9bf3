"""``pytest-energy train-graph``: an inference model becomes a training step, written as an ONNX model."""

import argparse
from pathlib import Path
from typing import Any

_HELP = "make a training step of an inference model, as an ONNX model of standard operators"
_DESCRIPTION = """\
Make a training step of an inference model: forward, loss, backward and update as one ONNX model of standard
operators, which any ONNX Runtime runs on any execution provider. Parameters, and what the optimizer keeps,
are inputs and outputs; each output is the next step's input. The file holds the initial values, and describes
itself under the metadata key pytest_energy.training_step.
"""
_NUMBERS = {
    "learning_rate": "step size",
    "momentum": "what remains of the velocity after a step",
    "beta1": "decay of the mean of gradients",
    "beta2": "decay of the mean of their squares",
    "epsilon": "added to the root of that mean",
    "weight_decay": "share of a parameter that a step of size 1 takes away",
}


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("train-graph", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("model", metavar="MODEL", help="the inference model")
    parser.add_argument("-o", "--output", required=True, metavar="STEP.onnx", help="the file to write")
    parser.add_argument(
        "--loss", default="cross-entropy", metavar="NAME", help="cross-entropy, binary-cross-entropy or mse"
    )
    parser.add_argument("--optimizer", default="sgd", metavar="NAME", help="sgd, momentum or adamw")
    for name, meaning in _NUMBERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, metavar="X", help=meaning)
    parser.add_argument(
        "--freeze",
        action="append",
        default=[],
        metavar="PATTERN",
        help="do not train tensors of such a name, e.g. 'features.*'; may be repeated",
    )
    parser.add_argument("--clip-norm", type=float, metavar="X", help="largest norm of all gradients together")
    parser.add_argument(
        "--accumulate",
        type=int,
        default=1,
        metavar="N",
        help="average the gradients of N batches",
    )
    parser.add_argument(
        "--lowering",
        default="cpu",
        metavar="NAME",
        help="cpu (default), or portable: accelerators too",
    )
    parser.add_argument("--train-output", metavar="NAME", help="the model's output to train on")
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
            hyperparameters={
                name: getattr(arguments, name) for name in _NUMBERS if getattr(arguments, name) is not None
            },
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
