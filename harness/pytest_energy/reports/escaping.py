"""Escaping: text that came from users, made harmless for the place where it is shown."""

import re

# What Markdown or HTML could take for markup. Numeric entities are plain text to both, also inside <code>.
_MARKUP = re.compile(
    r"[&<`*_~|\\\[\]#@$]|(?<!-)>"  # tags, emphasis, cells, links, references, mentions, formulas
    r"|:(?=:)|(?<=:):|://|\bwww\."  # commands to the runner, bare addresses
    r"|^\s*(?:[-+=]|\d+[.)](?=\s))"  # lists and underlined headings, at the beginning only
)
_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


def for_terminal(text: str, *, unicode: bool = True) -> str:
    r"""Make control characters visible: ESC becomes ``\x1b``, a newline ``\n``, a reversed order ``\u202e``.

    Args:
        text: Any text, also with lone surrogates.
        unicode: Whether the terminal shows more than ASCII; otherwise ``±`` becomes ``+-``, the rest escapes.

    Returns:
        One line of printable characters that no log takes for a command.
    """
    visible = _visible(text)
    if not unicode:
        visible = visible.replace("±", "+-").encode("ascii", "backslashreplace").decode("ascii")
    # CI logs read "##[...]" anywhere in a line, and "::" at its start, as commands to the runner.
    return without_commands(visible.replace("##[", r"#\x23["))


def without_commands(text: str) -> str:
    """Disarm lines that begin with ``::``, which CI logs obey: folding may put any part of a name there."""
    return _COMMAND.sub(r"\1\\x3a", text)


def for_html(text: object) -> str:
    """Make control characters visible, for a page that escapes markup where it puts text in.

    No line breaks between a number and its percent sign.
    """
    visible = _visible(str(text))
    return visible.replace(" %", "\N{NO-BREAK SPACE}%")


def for_markdown(text: str) -> str:
    """Make text plain in a table, a list or ``<code>``: nothing of it is markup, a link or a mention."""
    visible = _visible(text)
    return _MARKUP.sub(lambda found: "".join(f"&#{ord(each)};" for each in found[0]), visible)


def _visible(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
