import io

import pytest

from pytest_energy.cli.screen import Screen, screen_for


def screen(width=80, *, colour=False, unicode=True):
    return Screen(width=width, colour=colour, unicode=unicode)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.mark.parametrize("width", [68, 80, 120])
def test_a_table_fits_the_window_and_loses_nothing(width):
    words = [f"word{number}" for number in range(30)]
    shown = screen(width)
    row = ("n" * 90, "12.4 mJ", "1a2b3c4+dirty", "2026-05-04", " ".join(words))
    shown.table(("name", "energy/step", "commit", "date", "reason"), [row], foldable=[4, 0])
    text = shown.text()
    assert max(len(line) for line in text.splitlines()) <= width
    assert text.count("n" * 12) >= 1
    assert text.replace("\n", "").count("n") >= 90
    assert all(word in text for word in words)
    for cell in row[1:4]:
        assert cell in text


def test_what_fits_is_not_folded():
    shown = screen()
    shown.table(("", ""), [("key", "value"), ("longer key", "")], foldable=[1])
    assert shown.text() == "  key         value\n  longer key\n"


def test_hostile_text_is_harmless():
    shown = screen()
    shown.line("\x1b[31mred\n::error::gone")
    shown.line("::warning::x")
    shown.table(("",), [("\u202eevil",)], foldable=[])
    assert shown.text() == "\\x1b[31mred\\n::error::gone\n\\x3a:warning::x\n  \\u202eevil\n"


def test_a_line_that_stays_one_is_not_folded():
    shown = screen()
    shown.unbroken("word " * 50)
    assert shown.text().count("\n") == 1


def test_ascii_is_enough_where_there_is_no_more():
    shown = screen(unicode=False)
    shown.line("größer")
    assert shown.text() == "gr\\xf6\\xdfer\n"


@pytest.mark.parametrize(
    ("stream", "variables", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"TERM": "xterm", "FORCE_COLOR": "1"}, False),
    ],
)
def test_there_is_colour_on_a_terminal_only(stream, variables, coloured):
    shown = screen_for(stream, variables)
    shown.line("bold", style="bold")
    assert ("\x1b[" in shown.text()) == coloured
