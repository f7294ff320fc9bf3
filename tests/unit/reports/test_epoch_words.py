"""How far a run of training has come, in words."""

import pytest

from pytest_energy.reports.epoch_words import EpochsLeft, epoch_words
from pytest_energy.results.training import TrainingProgress


def progress(epoch, share=1.0, epochs=20, loss=0.4123):
    return TrainingProgress(epoch=epoch, epochs=epochs, share=share, loss=loss)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (progress(3), "epoch 3 of 20, loss 0.412"),
        (progress(1, 0.5, loss=None), "epoch 1 of 20"),
        (progress(7, epochs=None, loss=1.0), "epoch 7, loss 1"),
    ],
)
def test_words_say_the_epoch_and_the_last_loss(seen, words):
    assert epoch_words(seen) == words


def test_the_time_left_is_judged_by_what_was_done_since_the_first_word():
    left = EpochsLeft()
    assert left.words(progress(1, 0.5), 100.0) == "epoch 1 of 20, loss 0.412"
    assert left.words(progress(2, 0.5), 102.0) == "epoch 2 of 20, loss 0.412, about 35 s left"
    assert left.words(progress(20), 140.0) == "epoch 20 of 20, loss 0.412"


def test_without_a_known_end_no_time_is_told():
    left = EpochsLeft()
    left.words(progress(1, epochs=None), 0.0)
    assert left.words(progress(2, epochs=None), 1.0) == "epoch 2, loss 0.412"
