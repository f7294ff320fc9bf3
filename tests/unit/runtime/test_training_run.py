"""A whole run of training: where it ends, and what it says of a target that was missed."""

from types import SimpleNamespace

import pytest

from pytest_energy.errors import ModelError
from pytest_energy.results.training import Training
from pytest_energy.runtime.training_run import TrainingRun


class Batches:
    """Two batches whose losses are written down; every run starts from the first one again."""

    def __init__(self, *means):
        self.means = means
        self.restarts = True
        self.taken = 0

    def restart(self):
        self.taken = 0

    def run(self):
        self.taken += 1

    def both(self):
        return [
            SimpleNamespace(
                state=self,
                loss="loss",
                feeds={},
                step=lambda: self.run,
                last_loss=lambda sign=sign: self.loss() + sign,
            )
            for sign in (-0.25, 0.25)
        ]

    def loss(self):
        return self.means[(self.taken - 1) // 2]


def run(training, *means):
    batches = Batches(*means)
    made = TrainingRun(batches.both(), training)
    made.step()()
    return made.record


@pytest.mark.parametrize(
    ("training", "ending", "batches"),
    [
        (Training(target=2.5, epochs=5), "target", 6),
        (Training(epochs=2), "end", 4),
        (Training(steps=3), "end", 3),
        (Training(patience=2), "patience", 10),
    ],
)
def test_a_run_ends_where_it_should(training, ending, batches):
    record = run(training, 4.0, 3.0, 2.0, 2.0, 2.0, 9.0)
    assert (record.ending, record.batches) == (ending, batches)


def test_the_curve_holds_the_mean_of_each_pass_and_is_the_same_each_time():
    batches = Batches(4.0, 3.0, 2.0)
    passes = []
    made = TrainingRun(batches.both(), Training(epochs=3), passes.append)
    made.step()()
    first = made.record
    made.step()()
    assert made.record == first
    assert first.losses == (4.0, 3.0, 2.0)
    assert passes == [1, 2, 3, 1, 2, 3]
    assert made.outputs()["loss"] == 2.0
    assert not batches.restarts  # the state does not start anew within a run


@pytest.mark.parametrize(
    ("training", "words"),
    [
        (Training(target=1.0, epochs=3), "at its end after 3 passes, the lowest mean loss of a pass was 2"),
        (Training(target=1.0, patience=1), "out of patience after 4 passes"),
    ],
)
def test_a_missed_target_is_an_error_that_says_how_far_it_came(training, words):
    with pytest.raises(ModelError, match=words):
        run(training, 4.0, 3.0, 2.0, 2.0)


def test_a_run_that_diverges_says_so():
    with pytest.raises(ModelError, match="mean loss of pass 2 is nan"):
        run(Training(epochs=3), 4.0, float("nan"), 1.0)
