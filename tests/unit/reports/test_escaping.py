import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.reports.escaping import for_markdown, for_terminal, without_commands


def test_control_characters_become_visible_on_a_terminal():
    assert for_terminal("a\x1b[31mb\nc\td") == r"a\x1b[31mb\nc\td"


def test_a_bidirectional_override_cannot_reorder_a_line():
    assert for_terminal("model\u202exnno") == r"model\u202exnno"


def test_umlauts_and_plus_minus_stay_where_the_terminal_shows_them():
    assert for_terminal("Modell für 1±2 mJ") == "Modell für 1±2 mJ"


def test_only_ascii_is_left_where_the_terminal_shows_no_more():
    assert for_terminal("für 1±2 mJ", unicode=False) == r"f\xfcr 1+-2 mJ"


@pytest.mark.parametrize("text", ["::error::x", "  ::set-env name=A::b"])
def test_text_that_begins_like_a_command_to_the_runner_is_disarmed(text):
    assert not for_terminal(text).lstrip().startswith("::")


def test_the_older_form_of_commands_is_disarmed_anywhere():
    assert "##[" not in for_terminal("name ##[error]x")


def test_a_node_id_keeps_its_colons():
    assert for_terminal("tests/test_a.py::test_b") == "tests/test_a.py::test_b"


def test_every_line_of_a_page_is_disarmed():
    assert without_commands("a\n  ::error::x\nb::c") == "a\n  \\x3a:error::x\nb::c"


@given(st.text())
def test_whatever_a_name_holds_a_terminal_gets_one_line_of_printable_text(text):
    assert for_terminal(text).isprintable()


@pytest.mark.parametrize(
    "hostile", ["</details><script>", "a|b", "`code`", "[x](http://y)", "@user", "::error::x"]
)
def test_nothing_in_markdown_is_markup(hostile):
    escaped = for_markdown(hostile)
    assert not re.search(r"[<|`@\[\]]|::|://", escaped)


@pytest.mark.parametrize("beginning", ["- item", "1. item", "+ item", "=== heading"])
def test_text_does_not_open_a_list_or_a_heading(beginning):
    assert for_markdown(beginning).startswith("&#")


def test_control_characters_become_visible_in_markdown():
    assert "\x1b" not in for_markdown("a\x1b\n")
    assert "\n" not in for_markdown("a\x1b\n")


def test_plain_figures_read_the_same_in_markdown():
    assert for_markdown("12.3 mJ -> 13.8 mJ (98 % interval)") == "12.3 mJ -> 13.8 mJ (98 % interval)"
