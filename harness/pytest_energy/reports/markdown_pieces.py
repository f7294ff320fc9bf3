"""Pieces of Markdown: text that stays text, folds, and lists that fit into the room that they have."""

from collections.abc import Iterator, Sequence

from pytest_energy.reports.escaping import for_markdown

_LONGEST_TEXT = 1_000  # one long message must not push out all the others


def text(words: str) -> str:
    """Escape a text, and cut it off where it would leave no room for others."""
    shown = words[:_LONGEST_TEXT]
    more = len(words) - len(shown)
    return for_markdown(shown) + (f" ... ({more} more characters)" if more else "")


def code(words: str) -> str:
    """Return a text as code: a name, or what is to be typed."""
    return f"<code>{text(words)}</code>"


def folded(title: str, body: str) -> str:
    """Return what opens when its title is chosen."""
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n"


def fitted(entries: Sequence[str], room: int) -> str:
    """Join as many entries as there is room for, in characters, and tell how many were left out."""
    kept: list[str] = []
    for entry in entries:
        room -= len(entry) + 1
        if room < 0:
            break
        kept.append(entry)
    left_out = len(entries) - len(kept)
    if left_out:
        kept.append(f"\n*{left_out} more left out here for length: the log and `--energy-json` have all.*")
    return "\n".join([*kept, ""]) if kept else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, aligned: str = "--:") -> Iterator[str]:
    """Yield the lines of a table: two of head, then one per row.

    Args:
        heads: Heads of its columns.
        rows: Its cells.
        aligned: How all columns but the first are aligned: figures to the right, ``---`` for texts.
    """
    yield f"| {' | '.join(map(for_markdown, heads))} |"
    yield f"|---|{f'{aligned}|' * (len(heads) - 1)}"
    yield from (f"| {' | '.join(map(text, row))} |" for row in rows)
