"""A whole run of training: where it ends, and what it says of a target that was missed."""

from types import SimpleNamespace

import pytest

from pytest_energy.errors import Diverged, TargetMissed
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
    seen = []
    made = TrainingRun(batches.both(), Training(epochs=3), seen.append)
    made.step()()
    first = made.record
    made.step()()
    assert made.record == first
    assert first.losses == (4.0, 3.0, 2.0)
    assert [(one.epoch, one.epochs, one.share, one.loss) for one in seen[:6]] == [
        (1, 3, 0.5, None),
        (1, 3, 1.0, 4.0),
        (2, 3, 0.5, 4.0),
        (2, 3, 1.0, 3.0),
        (3, 3, 0.5, 3.0),
        (3, 3, 1.0, 2.0),
    ]
    assert seen[6:] == seen[:6]
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
    made = TrainingRun(Batches(4.0, 3.0, 2.0, 2.0).both(), training)
    with pytest.raises(TargetMissed, match=words):
        made.step()()
    assert made.record.losses[:3] == (4.0, 3.0, 2.0)


@pytest.mark.parametrize(
    ("training", "epochs"),
    [(Training(steps=5), 3), (Training(epochs=4), 4), (Training(patience=1), None)],
)
def test_progress_tells_how_many_passes_there_are_at_most_where_that_is_known(training, epochs):
    seen = []
    TrainingRun(Batches(*(4.0,) * 9).both(), training, seen.append).step()()
    assert {one.epochs for one in seen} == {epochs}


def test_a_run_that_diverges_says_so():
    with pytest.raises(Diverged, match="mean loss of pass 2 is nan"):
        run(Training(epochs=3), 4.0, float("nan"), 1.0)
