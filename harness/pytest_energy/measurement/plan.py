"""The sampling plan of one process."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long and how finely one process samples.

    Attributes:
        time_s: Wall time for warm-up and rounds together; what is needed at least may take longer.
        warmup_share: Largest share of ``time_s`` for warming up the steps, and again for the reference.
        block_s: Least duration of a block of steps.
        ticks_per_block: Least duration of a block in ticks of the CPU clock, so that reading it weighs < 1 %.
        least_rounds: Rounds that are taken even when they exceed ``time_s``.
        most_rounds: Rounds after which more would say nothing new.
        reference_share: Least duration of a block of the reference, as a share of a block of steps: a step of
            many seconds cannot be normalised by milliseconds.
    """

    time_s: float = 0.75
    warmup_share: float = 0.3
    block_s: float = 4e-3
    ticks_per_block: int = 200
    least_rounds: int = 4
    most_rounds: int = 500
    reference_share: float = 0.1

    def steps_per_block(self, step_s: float, tick_s: float) -> int:
        """Return how many steps of ``step_s`` fill a block, given the clock's measured tick."""
        wanted_s = max(self.block_s, self.ticks_per_block * tick_s)
        return max(1, min(100_000, round(wanted_s / max(step_s, 1e-9))))

    def is_fulfilled(self, taken: int, spent_s: float) -> bool:
        """Whether ``taken`` rounds are enough, after ``spent_s`` of wall time."""
        return taken >= self.most_rounds or (taken >= self.least_rounds and spent_s >= self.time_s)
