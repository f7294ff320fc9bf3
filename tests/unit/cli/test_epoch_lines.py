"""Epochs on a terminal, and in a log."""

import io

from pytest_energy.cli.epoch_lines import EpochLines
from pytest_energy.measurement.clock import FakeClock
from pytest_energy.results.training import TrainingProgress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def progress(epoch, share=1.0, loss=0.5):
    return TrainingProgress(epoch=epoch, epochs=20, share=share, loss=loss)


def test_a_terminal_has_one_line_that_is_gone_at_the_end(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    stream, clock = Terminal(), FakeClock()
    with EpochLines(stream, clock) as lines:
        lines.tell(progress(1, 0.5, loss=None))
        clock.advance(2.0)
        lines.tell(progress(2, 0.5))
    first, second = "epoch 1 of 20", "epoch 2 of 20, loss 0.5, about 35 s left"
    assert stream.getvalue() == f"\r\x1b[K{first}\r\x1b[K{second}\r\x1b[K"


def test_a_log_has_a_line_now_and_then_once_there_is_a_loss():
    stream, clock = io.StringIO(), FakeClock()
    with EpochLines(stream, clock) as lines:
        lines.tell(progress(1, 0.5, loss=None))
        for epoch in range(1, 9):
            clock.advance(2.0)
            lines.tell(progress(epoch))
    told = [line.split(",")[0] for line in stream.getvalue().splitlines()]
    assert told == ["epoch 1 of 20", "epoch 4 of 20", "epoch 7 of 20"]
    assert "\x1b" not in stream.getvalue()
