"""The training steps that this process had built: each once, in a temporary folder that goes with it."""

import atexit
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from pytest_energy.measurement.clock import SystemClock, since
from pytest_energy.results.training import Training
from pytest_energy.runtime.built_step import BuiltStep
from pytest_energy.runtime.step_builder import build_step
from pytest_energy.training.step_description import StepRequest
from pytest_energy.workloads.model import read_model_hash

_REMEMBERED = 64


def built_step(model: Path, training: Training, provider: str) -> BuiltStep:
    """Return the training step of a model; what was built before, of the same bytes, is not built again.

    Args:
        model: The inference model.
        training: How it is trained.
        provider: Short name of the execution provider, which decides on the lowering.

    Raises:
        ModelError: The model cannot be read, prepared or trained.
        NoGradient: Operators have no gradient rule; all are named.
        UsageError: A hyper-parameter is unknown.
    """
    return _built(str(model), read_model_hash(model), training, training.lowering_for(provider))


@lru_cache(maxsize=_REMEMBERED)
def _built(model: str, _hash: str, training: Training, lowering: str) -> BuiltStep:
    folder = Path(tempfile.mkdtemp(prefix="pytest-energy-step-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    clock = SystemClock()
    before = clock.read()
    request = StepRequest(
        model=model,
        step=str(folder / "step.onnx"),
        state=str(folder / "state.npz"),
        loss=training.loss,
        optimizer=training.optimizer,
        hyperparameters=training.hyperparameters,
        frozen=training.frozen,
        clip_norm=training.clip,
        accumulate=training.accumulate,
        lowering=lowering,
        output=training.output,
    )
    description = build_step(request)
    return BuiltStep(
        graph=request.step,
        state=str(folder / "state.npz"),
        training=training,
        lowering=lowering,
        build_s=since(before, clock).wall_s,
        description=description,
    )
