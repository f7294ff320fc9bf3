"""The handwritten digits that scikit-learn ships, split once and for all."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

_SPLIT_SEED = 0
_HELD_OUT = 449  # a quarter of the 1,797 digits
_BRIGHTEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    """Some handwritten digits.

    Attributes:
        pixels: Brightness in whole numbers from 0 to 16, shape [n, 8, 8].
        labels: The digit that was written, 0 to 9, shape [n].
    """

    pixels: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]

    def images(self) -> npt.NDArray[np.float32]:
        """Return one grey channel between 0 and 1, shape [n, 1, 8, 8]."""
        return (self.pixels[:, np.newaxis] / _BRIGHTEST).astype(np.float32)

    def tokens(self) -> npt.NDArray[np.int64]:
        """Return the brightness of each pixel, row by row, as a sequence of 17 words, shape [n, 64]."""
        return self.pixels.reshape(len(self.pixels), -1)


def split_digits() -> tuple[Digits, Digits]:
    """Return the 1,348 digits to train on and the 449 held out, always the same ones.

    The split is by digit, not by writer: most who wrote a held-out digit wrote some of the others too.
    """
    everything = load_digits()
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(everything.target))
    pixels = everything.images.astype(np.int64)[order]
    labels = everything.target.astype(np.int64)[order]
    training = Digits(pixels=pixels[_HELD_OUT:], labels=labels[_HELD_OUT:])
    return training, Digits(pixels=pixels[:_HELD_OUT], labels=labels[:_HELD_OUT])
