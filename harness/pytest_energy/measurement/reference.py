"""The reference: a fixed piece of numpy work that steps are normalised by."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

SIZE = 320
"""Side of the matrices. 320 x 320 float32 stays near the caches; it is far longer than a Python call."""


def reference_step() -> Callable[[], object]:
    """Return a callable that multiplies two fixed matrices once.

    The caller sees to it that BLAS uses one thread: the figure is CPU time, to which threads add their noise.
    """
    generator = np.random.default_rng(20260101)
    left = generator.standard_normal((SIZE, SIZE), dtype=np.float32)
    right = generator.standard_normal((SIZE, SIZE), dtype=np.float32)
    product = np.empty((SIZE, SIZE), dtype=np.float32)
    return lambda: np.matmul(left, right, out=product)


def reference_identity() -> str:
    """Name the work and the BLAS that does it: a ratio to another BLAS is another unit.

    The kernels that OPENBLAS_CORETYPE forces are part of the name: they differ twofold in speed.
    """
    config: Mapping[str, Any] = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    words = (
        f"sgemm-{SIZE}",
        blas.get("name", "unknown-blas"),
        blas.get("version"),
        os.environ.get("OPENBLAS_CORETYPE"),
    )
    return " ".join(filter(None, words))


def one_blas_thread() -> dict[str, str]:
    """Environment variables that hold any usual BLAS to one thread in a new process."""
    names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return dict.fromkeys(names, "1")
