"""What ``pytest-energy train`` does: it trains a model once, writes it, and says what that came to."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pytest_energy.baselines.atomic_file import require_place, write_atomically
from pytest_energy.cli.epoch_lines import EpochLines
from pytest_energy.cli.measuring_options import settings_of
from pytest_energy.cli.recipe_options import hyperparameters_of
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.cli.train_show import json_text, show_trained
from pytest_energy.errors import InputsError, UsageError
from pytest_energy.results.given_inputs import GivenInputs
from pytest_energy.results.training import Training
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.trained import train_model
from pytest_energy.settings import Settings
from pytest_energy.terms import conditions_of, limits_of
from pytest_energy.workloads.model import read_model_hash, require_model
from pytest_energy.workloads.suite import SuiteEntry, model_entry
from pytest_energy.workloads.suite_inputs import SAMPLE_ENDING

_MISSED = 1
_FUNCTION = re.compile(r"(?P<file>.+)\.py:(?P<name>[^\W\d]\w*)", re.DOTALL)


def run(arguments: argparse.Namespace) -> int:
    """Train a model, write it, and return the exit code: 1 where the target was missed.

    Raises:
        UsageError: The data cannot be used, no end is given, or a setting cannot be used.
        HarnessError: Training failed; what lay at the output before lies there still.
    """
    settings = settings_of(arguments, Path.cwd())
    entry = entry_of(arguments, settings)
    if arguments.json_path is not None:
        require_place(Path(arguments.json_path), UsageError)
    model_hash = read_model_hash(entry.model_path)  # now: the output may take its place
    setup = Setup(conditions=conditions_of(settings, os.environ), limits=limits_of(settings))
    output = Path(arguments.output)
    try:
        with EpochLines() as lines:
            trained = train_model(entry, output, setup, lines.tell, seed=arguments.seed)
    except InputsError as error:  # the command named the data
        raise UsageError(str(error)) from error
    if arguments.json_path is not None:
        write_atomically(Path(arguments.json_path), json_text(trained, model_hash, output), UsageError)
    screen = standard_screen()
    show_trained(screen, trained, output)
    show(screen)
    return _MISSED if trained.run.missed else 0


def entry_of(arguments: argparse.Namespace, settings: Settings) -> SuiteEntry:
    """Return what is trained, as a training benchmark of a suite.

    Raises:
        UsageError: There is no such data, no end is given, or there is more than one provider.
        ModelError: The file plainly is no model.
    """
    require_model(Path(arguments.model), arguments.model)
    training = _training(arguments)
    if not training.is_run:
        raise UsageError(
            "Say when training ends: with --epochs, --steps, --target or --patience, or several of them; the "
            "first that comes true ends it."
        )
    entries = model_entry(
        Path(arguments.model).absolute(),
        arguments.model,
        _one_provider(settings),
        batch=arguments.batch,
        threads=arguments.threads,
        libraries=settings.libraries,
    )
    benchmark = replace(entries[0].benchmark, mode="training", training=training)
    return replace(entries[0], benchmark=benchmark, inputs=given_data(arguments.inputs))


def given_data(written: Sequence[str]) -> GivenInputs:
    """Return the data that the command names: ``.npz`` files, or one function of a file.

    Raises:
        UsageError: It is neither, or a file is missing.
    """
    if len(written) == 1 and (function := _FUNCTION.fullmatch(written[0])):
        file = Path(f"{function['file']}.py")
        _require_file(file, written[0])
        return GivenInputs(function=f"{file.stem}:{function['name']}", folder=str(file.absolute().parent))
    for each in written:
        if not each.endswith(SAMPLE_ENDING):
            raise UsageError(
                f"--inputs {each} is neither a file *{SAMPLE_ENDING} nor, alone, FILE.py:FUNCTION. Write "
                "rows with numpy.savez, or name the function that returns them."
            )
        _require_file(Path(each), each)
    return GivenInputs(files=tuple(str(Path(each).absolute()) for each in written))


def _training(arguments: argparse.Namespace) -> Training:
    return Training(
        loss=arguments.loss,
        optimizer=arguments.optimizer,
        hyperparameters=hyperparameters_of(arguments),
        frozen=tuple(arguments.freeze),
        clip=arguments.clip_norm,
        accumulate=arguments.accumulate,
        lowering=arguments.lowering,
        output=arguments.train_output,
        steps=arguments.steps,
        epochs=arguments.epochs,
        target=arguments.target,
        patience=arguments.patience,
        shuffle=arguments.shuffle,
    )


def _one_provider(settings: Settings) -> tuple[str, ...]:
    """Return the provider that is asked for: a model is trained once, so there can be one only."""
    if len(settings.providers) > 1:
        raise UsageError(
            f"A model is trained on one provider, and there are {', '.join(settings.providers)}. Leave all "
            "--provider but one out."
        )
    return settings.providers or settings.default_providers[:1]


def _require_file(path: Path, shown: str) -> None:
    if not path.is_file():
        raise UsageError(f"--inputs {shown}: there is no file {path}. Check the path.")
