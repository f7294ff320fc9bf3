"""Options that say how a model is trained, for the commands that build training steps."""

import argparse

_NUMBERS = {
    "learning_rate": "step size",
    "momentum": "what remains of the velocity after a step",
    "beta1": "decay of the mean of gradients",
    "beta2": "decay of the mean of their squares",
    "epsilon": "added to the root of that mean",
    "weight_decay": "share of a parameter that a step of size 1 takes away",
}


def add_recipe(parser: argparse.ArgumentParser, lowering: str | None) -> None:
    """Declare them.

    Args:
        parser: The command's parser.
        lowering: What steps are lowered for where nobody says; None for what suits the provider.
    """
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
    otherwise = "cpu (default), or portable: accelerators too"
    parser.add_argument(
        "--lowering",
        default=lowering,
        metavar="NAME",
        help=otherwise if lowering else "cpu or portable (default: what suits the provider)",
    )
    parser.add_argument("--train-output", metavar="NAME", help="the model's output to train on")


def hyperparameters_of(arguments: argparse.Namespace) -> dict[str, float]:
    """Return the numbers that were given, by the names that optimizers have for them."""
    return {name: getattr(arguments, name) for name in _NUMBERS if getattr(arguments, name) is not None}
