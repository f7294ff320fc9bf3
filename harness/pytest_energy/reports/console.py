"""A console of rich that writes into a string, and of which everything is said where it is made."""

from typing import TextIO

from rich.console import Console

_TALL = 10_000  # rich asks for a height; nothing is paged


def text_console(out: TextIO, *, width: int, colour: bool) -> Console:
    """Return a console whose look no variable such as NO_COLOR, TERM or COLUMNS has a second say in.

    Args:
        out: What it writes to.
        width: Columns.
        colour: Whether ANSI styles are written.
    """
    return Console(
        file=out,
        width=width,
        height=_TALL,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        force_jupyter=False,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
