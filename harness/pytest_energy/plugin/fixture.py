"""The ``energy`` fixture: what a test measures, or merely runs where nothing is measured."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy.typing as npt
import pytest

from pytest_energy.plugin.arguments import (
    optional,
    overrides_of,
    provider_options_of,
    read_argument,
    training_of,
    whole,
)
from pytest_energy.plugin.energy_session import EnergySession
from pytest_energy.plugin.stash import ENERGY_OF_ITEM, ENERGY_SESSION
from pytest_energy.providers import short_names
from pytest_energy.quantities import parse_duration_s
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.given_inputs import DEFAULT_FEEDS, GivenInputs
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runner.pipeline import run_once
from pytest_energy.runtime.limits import limits_for
from pytest_energy.workloads.sample_file import GivenFeeds, written_feeds
from pytest_energy.workloads.suite import SuiteEntry
from pytest_energy.workloads.suite_inputs import read_inputs

if TYPE_CHECKING:
    from pytest_energy.plugin.energy_session import Answer

Outputs = Mapping[str, npt.NDArray[Any]]
Returned = TypeVar("Returned")


class Energy:
    """Handed to a test by the fixture ``energy``.

    Attributes:
        answers: The verdicts on the calls so far; none without ``--energy``.
    """

    def __init__(self, item: pytest.Item, energy_session: EnergySession | None) -> None:
        """Belong to one test.

        Args:
            item: The test.
            energy_session: Measures and judges; None where nothing is measured.
        """
        self.answers: list[Answer] = []
        self._item = item
        self._session = energy_session
        self._calls = 0

    def infer(  # noqa: PLR0913 - keywords of a public call, each with a default
        self,
        model: str | Path,
        *,
        provider: str | None = None,
        batch: int = 1,
        threads: int = 1,
        spinning: bool = False,
        inputs: GivenFeeds | str | None = None,
        feeds: int = DEFAULT_FEEDS,
        provider_options: Mapping[str, str] | None = None,
        placement: str | None = None,
        pace: str | None = None,
        transfer: bool = False,
        agreement: str | None = None,
        name: str | None = None,
        tolerance: str | None = None,
        budget: str | None = None,
        time: float | None = None,
    ) -> Outputs:
        """Run a model in worker processes; with ``--energy``, measure and judge it.

        Args:
            model: Path of an ONNX model, relative to pytest's rootdir.
            provider: Execution provider, e.g. ``openvino``. Default: the settings', or ``cpu``.
            batch: Size of the free first dimension of its inputs.
            threads: Intra-op threads.
            spinning: Whether these threads spin while they wait for each other within a step.
            inputs: Arrays by the names of inputs, or a list of such mappings, which are cycled; or as text a
                file ``*.npz`` or ``module:function``, looked for in rootdir. What is left out is synthesized.
            feeds: How many feeds are synthesized, where no list of them is given.
            provider_options: Options of the execution provider, e.g. ``{"device_type": "CPU"}``.
            placement: How much must run there: ``"all"``, ``"any"``, or a share of time such as ``"90%"``.
            pace: Time from one arrival to the next, e.g. ``"20 ms"``. Default: none, steps follow at once.
            transfer: Whether copies to and from the device are part of a step.
            agreement: How far outputs may be from the CPU provider's, e.g. ``"1e-2"`` of the largest entry,
                or ``"off"``. Default: what their type allows.
            name: What reports and baselines call it. Default: the test's name.
            tolerance: How much worse is a regression, e.g. ``"5%"``.
            budget: Absolute ceiling per step, e.g. ``"2 mJ"`` or ``"40 ug"``.
            time: Time budget in s.

        Returns:
            The outputs of one step by name, from the first provider where several are asked for; without
            what numpy cannot hold, and what exceeds 256 MiB in all.

        Raises:
            HarnessError: The model cannot be measured or run; the message says why. A regression is no
                error here: it fails the test after its body.
        """
        __tracebackhide__ = True
        benchmark = Benchmark(
            name=name or self._item.name,
            model=Path(model).as_posix(),
            batch=whole(batch, "batch"),
            threads=whole(threads, "threads"),
            spinning=spinning,
            session=SessionSettings(provider_options=provider_options_of(provider_options)),
            transfer=transfer,
            pace_s=optional(parse_duration_s, pace, "pace"),
        )
        overrides = overrides_of(tolerance, budget, time, placement, agreement)
        with self._given(inputs, feeds) as given:
            entry = SuiteEntry(
                benchmark=benchmark, model_path=self._path(model), overrides=overrides, inputs=given
            )
            return self._on_each(entry, provider)[0]

    def train(  # noqa: PLR0913 - keywords of a public call, each with a default
        self,
        model: str | Path,
        *,
        loss: str = "cross-entropy",
        optimizer: str = "sgd",
        hyperparameters: Mapping[str, float] | None = None,
        frozen: Sequence[str] = (),
        clip: float | None = None,
        accumulate: int = 1,
        lowering: str | None = None,
        output: str | None = None,
        steps: int | None = None,
        epochs: int | None = None,
        target: str | None = None,
        patience: int | None = None,
        shuffle: bool = False,
        provider: str | None = None,
        batch: int = 1,
        threads: int = 1,
        inputs: GivenFeeds | str | None = None,
        feeds: int = DEFAULT_FEEDS,
        provider_options: Mapping[str, str] | None = None,
        placement: str | None = None,
        agreement: str | None = None,
        name: str | None = None,
        tolerance: str | None = None,
        budget: str | None = None,
        time: float | None = None,
    ) -> float:
        """Train a model step by step in worker processes; with ``--energy``, measure and judge a step.

        Args:
            model: Path of an ONNX inference model, relative to pytest's rootdir.
            loss: ``cross-entropy``, ``binary-cross-entropy`` or ``mse``.
            optimizer: ``sgd``, ``momentum`` or ``adamw``.
            hyperparameters: Numbers of the optimizer, e.g. ``{"learning_rate": 0.1}``. Default: its own.
            frozen: Patterns of names of tensors that are not trained, e.g. ``["features.*"]``.
            clip: Largest norm of all gradients together.
            accumulate: Batches whose gradients are averaged before an update. A step is one batch.
            lowering: ``cpu`` or ``portable``. Default: what suits the provider.
            output: Name of the model's output to train on. Default: the first.
            steps: Batches of a whole run, which then is what is measured. Default: a step is one batch.
            epochs: Passes of a whole run over all batches.
            target: What a whole run is to reach, e.g. ``"loss < 0.2"``: the mean loss of a pass.
            patience: Passes without a lower mean loss, after which a whole run ends.
            shuffle: Whether a whole run takes the rows of ``inputs`` in a new order in each pass.
            provider: Execution provider. Default: the settings', or ``cpu``.
            batch: Size of the batch.
            threads: Intra-op threads.
            inputs: Arrays by the names of inputs, ``labels`` among them, or a list of such mappings, which
                are cycled; or as text a file ``*.npz`` or ``module:function``, looked for in rootdir. What is
                left out is synthesized.
            feeds: How many batches are synthesized, where no list of them is given.
            provider_options: Options of the execution provider.
            placement: How much must run there: ``"all"``, ``"any"``, or a share of time such as ``"90%"``.
            agreement: How far losses may be from the CPU provider's, e.g. ``"1e-2"``, or ``"off"``.
            name: What reports and baselines call it. Default: the test's name.
            tolerance: How much worse is a regression, e.g. ``"5%"``.
            budget: Absolute ceiling per step, e.g. ``"2 mJ"``.
            time: Time budget in s.

        Returns:
            The loss of the first step, or of the last pass of a whole run, from the first provider where
            several are asked for.

        Raises:
            HarnessError: The model cannot be trained or measured; the message says why. A regression is no
                error here: it fails the test after its body.
        """
        __tracebackhide__ = True
        training = training_of(
            loss=loss,
            optimizer=optimizer,
            hyperparameters=hyperparameters,
            frozen=frozen,
            clip=clip,
            accumulate=accumulate,
            lowering=lowering,
            output=output,
            steps=steps,
            epochs=epochs,
            target=target,
            patience=patience,
            shuffle=shuffle,
        )
        benchmark = Benchmark(
            name=name or self._item.name,
            mode="training",
            model=Path(model).as_posix(),
            batch=whole(batch, "batch"),
            threads=whole(threads, "threads"),
            session=SessionSettings(provider_options=provider_options_of(provider_options)),
            training=training,
        )
        overrides = overrides_of(tolerance, budget, time, placement, agreement)
        with self._given(inputs, feeds) as given:
            entry = SuiteEntry(
                benchmark=benchmark, model_path=self._path(model), overrides=overrides, inputs=given
            )
            losses = self._on_each(entry, provider)[0]
        return float(next(iter(losses.values())))

    def measure(
        self,
        step: Callable[[], Returned],
        *,
        name: str | None = None,
        tolerance: str | None = None,
        budget: str | None = None,
        time: float | None = None,
    ) -> Returned:
        """Run a callable once; with ``--energy``, then run it as often as measuring it needs.

        It runs in pytest's own process, which is one sample only: its figures are labelled so, and gated
        with a tolerance of 15 %.

        Args:
            step: What is measured, called without arguments.
            name: What reports and baselines call it. Default: the test's name.
            tolerance: How much worse is a regression, e.g. ``"20%"``.
            budget: Absolute ceiling per step, e.g. ``"2 mJ"``.
            time: Time budget in s.

        Returns:
            What the first call returned.

        Raises:
            HarnessError: There is no verdict; the message says why.
        """
        __tracebackhide__ = True
        overrides = overrides_of(tolerance, budget, time)
        returned = step()
        if self._session is not None:
            benchmark = Benchmark(name=name or self._item.name, mode="callable", provider=None)
            self.answers.append(self._session.run_callable(benchmark, step, overrides, self._next_owner()))
        return returned

    def _path(self, model: str | Path) -> Path:
        return self._item.config.rootpath / model

    def _on_each(self, entry: SuiteEntry, provider: str | None) -> list[Outputs]:
        """Run an entry on every provider that is asked for, as one call of the test."""
        __tracebackhide__ = True
        owner, outputs = self._next_owner(), []
        for each in self._providers(provider):  # no comprehension: its frame would show in a test's traceback
            benchmark = replace(entry.benchmark, provider=each)
            on_it = replace(entry, benchmark=benchmark, library=self._libraries.get(each))
            outputs.append(self._run(on_it, owner))
        return outputs

    def _run(self, entry: SuiteEntry, owner: str) -> Outputs:
        __tracebackhide__ = True
        if self._session is None:
            return run_once(entry, limits_for())
        answer, outputs = self._session.run_model(entry, owner, outputs=True)
        self.answers.append(answer)
        return outputs

    @contextmanager
    def _given(self, inputs: GivenFeeds | str | None, feeds: int) -> Iterator[GivenInputs]:
        """Give what a test says of inputs, arrays as files that are gone when the block is left."""
        count, folder = whole(feeds, "feeds"), self._item.config.rootpath
        if isinstance(inputs, str):
            written = read_argument(read_inputs, inputs, "inputs")
            files = tuple(str(folder / each) for each in written.files)
            yield GivenInputs(feeds=count, files=files, function=written.function, folder=str(folder))
            return
        with written_feeds(inputs) as files:
            yield GivenInputs(feeds=count, files=files)

    @property
    def _libraries(self) -> Mapping[str, Path]:
        return self._session.settings.libraries if self._session else {}

    def _providers(self, asked: str | None) -> tuple[str, ...]:
        """A flag beats the test, the test beats pyproject.toml."""
        own = (asked,) if asked else ()
        if self._session is None:
            return short_names(own or ("cpu",))
        settings = self._session.settings
        asked_for = own or settings.default_providers or ("cpu",)
        return settings.providers or short_names(asked_for, settings.libraries)

    def _next_owner(self) -> str:
        """Name the call: the second one of a test is another benchmark, its repetition by a rerun is not."""
        self._calls += 1
        return f"{self._item.nodeid} (call {self._calls})"


def energy_for(request: pytest.FixtureRequest) -> Energy:
    """Return the fixture of one test, and leave it there, where its verdicts are found after the body."""
    energy = Energy(request.node, request.config.stash.get(ENERGY_SESSION, None))
    request.node.stash[ENERGY_OF_ITEM] = energy
    return energy
