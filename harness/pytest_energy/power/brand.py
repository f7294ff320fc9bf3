"""Brand strings of processors: as /proc/cpuinfo writes them, with marks and clock rates, and as people do."""

import re

_MARKS = re.compile(r"\((?:r|tm|c)\)|\bcpu\b|@.*", re.IGNORECASE)
# "Apple M1 Pro" is no "Apple M1", and "EPYC 7763" is none of the words that follow it.
_ANOTHER_MODEL = r"(?![\w+-])(?!\s+(?:pro|max|ultra)\b)"


def plain_brand(brand: str) -> str:
    """Return a brand string without marks of ownership, the word CPU and the clock rate."""
    return " ".join(_MARKS.sub(" ", brand).split())


def names_model(brand: str, model: str) -> bool:
    """Whether a brand string names a model, as whole words: ``EPYC 7763`` is not named by ``EPYC 7763P``."""
    return bool(
        re.search(rf"(?<![\w-]){re.escape(model)}{_ANOTHER_MODEL}", plain_brand(brand), re.IGNORECASE)
    )


def hides_model(brand: str) -> bool:
    """Whether a brand string names no more than a family, as ``AMD EPYC`` or ``EPYC-Milan`` do."""
    without_name = re.sub(r"\d+-core", "", plain_brand(brand), flags=re.IGNORECASE)
    return not re.search(r"\d[\da-z]{2}", without_name, re.IGNORECASE)
