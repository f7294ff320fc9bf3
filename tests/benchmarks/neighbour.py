"""A neighbour: a process that keeps one core busy, all the time or in spells."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

KINDS = ("none", "busy", "bursty")
SPELL_S = (0.05, 1.0)  # shortest and longest spell, busy or idle


@contextmanager
def neighbour(kind: str, seed: int) -> Iterator[None]:
    """Keep a neighbour running as long as the block lasts."""
    if kind == "none":
        yield
        return
    with subprocess.Popen([sys.executable, "-I", __file__, kind, str(seed)]) as process:
        try:
            yield
        finally:
            process.kill()


def main(kind: str, seed: int) -> None:
    """Be the neighbour, until killed."""
    draw = random.Random(seed)  # noqa: S311 - spells, not secrets
    while True:
        until = time.perf_counter() + draw.uniform(*SPELL_S)
        while time.perf_counter() < until:
            pass
        if kind == "bursty":
            time.sleep(draw.uniform(*SPELL_S))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
