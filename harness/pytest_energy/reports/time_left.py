"""The time left: how long a run will still take, judged by how long its benchmarks took so far."""

from dataclasses import dataclass

_MINUTES_FROM_S = 90.0


@dataclass(slots=True, kw_only=True)
class TimeLeft:
    """Counts benchmarks. Times are in s, on any clock that does not go back.

    Attributes:
        total: Benchmarks in all.
        guess_s: How long one takes, as long as none has ended.
        done: Benchmarks that have ended.
        spent_s: How long they took together.
        began_s: When the one that runs was begun; None between two.
    """

    total: int
    guess_s: float
    done: int = 0
    spent_s: float = 0.0
    began_s: float | None = None

    def begin(self, now_s: float) -> None:
        """A benchmark begins."""
        self.began_s = now_s

    def end(self, now_s: float) -> None:
        """The benchmark that ran has ended."""
        if self.began_s is not None:
            self.spent_s += now_s - self.began_s
            self.done += 1
            self.began_s = None

    def left_s(self, now_s: float) -> float:
        """How long the rest will take; a benchmark that takes longer than the others is about to end."""
        each_s = self.spent_s / self.done if self.done else self.guess_s
        begun = self.began_s is not None
        running_s = max(0.0, each_s - (now_s - self.began_s)) if self.began_s is not None else 0.0
        return running_s + each_s * max(0, self.total - self.done - begun)

    def words(self, now_s: float) -> str:
        """Say which benchmark runs and how long all will still take: ``3 of 12, about 40 s left``."""
        number = min(self.done + (self.began_s is not None), self.total)
        return f"{number} of {self.total}, about {rounded(self.left_s(now_s))} left"


def rounded(left_s: float) -> str:
    """Write how long something will still take, in s, no finer than that is known."""
    if left_s < _MINUTES_FROM_S:
        return f"{max(1, round(left_s)) if left_s < 10 else round(left_s / 5) * 5} s"  # noqa: PLR2004 - to five seconds
    return f"{round(left_s / 60)} min"
