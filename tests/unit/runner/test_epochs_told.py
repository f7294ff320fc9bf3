"""While a benchmark trains whole runs, their epochs are told; every event goes on to who waits for it."""

from pytest_energy.runner.pipeline import told_epochs


def test_epochs_are_told_before_what_runs_and_no_event_is_lost():
    epoch = {"event": "epoch", "epoch": 3, "epochs": 20, "share": 0.5, "loss": 0.4123}
    events = [{"event": "round", "number": 1}, epoch, {"event": "sampled", "samples": []}]
    said = []
    assert list(told_epochs(iter(events), said.append, "net--cpu-b32: process 1 of 4")) == events
    assert said == ["epoch 3 of 20, loss 0.412 (net--cpu-b32: process 1 of 4)"]
