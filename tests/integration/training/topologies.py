"""The nine topologies that the onnx package ships without weights, with fresh ones."""

from pathlib import Path

import numpy as np
import onnx

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
NAMES = sorted(path.stem.removeprefix("light_") for path in FOLDER.glob("light_*.onnx"))
IMAGE, CLASSES = (3, 224, 224), 1000


def topology(name):
    """Read a model; all its weights are one number, which would train alike."""
    return onnx.load(FOLDER / f"light_{name}.onnx")


def fresh_states(step, seed=0):
    """Return states as a deep network begins with: He's normal weights, no shift, and scales of 1."""
    random = np.random.default_rng(seed)
    return {state.input: fresh(state, step.trained, random) for state in step.states}


def fresh(state, trained, random):
    value = np.asarray(state.initial)
    if state.of not in trained:
        return value
    if value.ndim > 1:
        return random.standard_normal(value.shape, value.dtype) * value.dtype.type(np.sqrt(2 / value[0].size))
    is_scale = any(part in state.of for part in ("_s_", "scale", "bn_w"))
    return np.full_like(value, 1 if is_scale else 0)


def batch(size, seed=0):
    random = np.random.default_rng(seed)
    return random.standard_normal((size, *IMAGE), np.float32), random.integers(0, CLASSES, size)
