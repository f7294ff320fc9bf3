"""A loader: a user's function that gives the batches of a pass one by one, while they are trained on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import InputsError

Given = dict[str, npt.NDArray[Any] | list[npt.NDArray[Any]]]


class Loader:
    """Calls a function once for each pass, and takes from it what it gives: it works as for its user."""

    def __init__(self, call: Callable[[int], Iterable[Any]], where: str, folder: Path) -> None:
        """Wrap a function.

        Args:
            call: Takes the number of a pass, from 0, and returns its batches.
            where: How messages name the function.
            folder: Where it lies.
        """
        self.where = where
        self._call = call
        self._folder = folder

    def batches(self, epoch: int) -> Iterator[Given]:
        """Yield the batches of a pass; each is made when it is asked for.

        Args:
            epoch: Number of the pass, from 0.

        Raises:
            InputsError: The function fails, or gives no batch, or something else than batches.
        """
        is_empty = True
        for batch in self._made(epoch):
            is_empty = False
            yield as_given(batch, self.where)
        if is_empty:
            raise InputsError(
                f"{self.where} gave no batch in pass {epoch + 1}. It is called once for each pass, and must "
                "give all batches each time: an iterator that is kept is exhausted after one pass."
            )

    def _made(self, epoch: int) -> Iterator[Any]:
        try:
            yield from self._call(epoch)
        except Exception as error:  # the user's code may raise anything
            raise failure(self.where, error, self._folder) from error


def as_given(batch: Any, where: str) -> Given:
    """Read one feed that a function gave.

    Raises:
        InputsError: It is no mapping.
    """
    if not isinstance(batch, Mapping):
        raise InputsError(
            f"{where} returned {type(batch).__name__}: it must return a dict of arrays by the names of "
            "inputs, or a list of such dicts; or, to be run while a model is trained, yield such dicts."
        )
    return {str(key): as_value(value) for key, value in batch.items()}


def as_value(value: Any) -> npt.NDArray[Any] | list[npt.NDArray[Any]]:
    """Return a value as an array; a list of arrays stays, since it stands for a sequence."""
    if isinstance(value, list) and value and all(isinstance(each, np.ndarray) for each in value):
        return value
    return np.asarray(value)


def failure(where: str, error: BaseException, folder: Path) -> InputsError:
    """Say that a user's function failed, and in which line of its folder."""
    return InputsError(
        f"{where} failed: {type(error).__name__}: {error}{_line(error, folder)}. Mend it there."
    )


def _line(error: BaseException, folder: Path) -> str:
    """Name the last line in the user's folder that took part."""
    trace, found = error.__traceback__, ""
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if Path(path).is_relative_to(folder):
            found = f" ({Path(path).name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return found
