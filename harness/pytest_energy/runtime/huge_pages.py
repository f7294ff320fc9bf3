"""Huge pages: where weights come to lie in memory differs between processes, and large pages calm that.

Pages of 4 kB are scattered over physical memory, so that some fall on the same sets of a cache and others on
none, and their addresses overflow the TLB: two processes of one model differ in cost, and so do two sessions
in one process. In pages of 2 MB neighbouring weights stay neighbours. ``tests/benchmarks/huge_pages.py``
tells by how much that steadies costs, and how little it changes them.
"""

from collections.abc import Mapping
from pathlib import Path

_VARIABLE = "GLIBC_TUNABLES"
_TUNABLE = "glibc.malloc.hugetlb"
_MODES = Path("sys/kernel/mm/transparent_hugepage/enabled")


def with_huge_pages(variables: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables by which malloc of glibc 2.35 or newer asks Linux for huge pages.

    What the user has set about huge pages stands; where there is another C library it means nothing.
    """
    own = variables.get(_VARIABLE, "")
    if _TUNABLE in own:
        return dict(variables)
    return {**variables, _VARIABLE: ":".join(filter(None, (own, f"{_TUNABLE}=1")))}


def huge_page_mode(root: Path = Path("/")) -> str | None:
    """Return when Linux gives huge pages: ``always``, ``madvise`` (if asked), ``never``; None if unknown."""
    try:
        modes = (root / _MODES).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    _, found, rest = modes.partition("[")
    return rest.partition("]")[0] if found else None
