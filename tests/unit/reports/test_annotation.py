import pytest

from pytest_energy.reports.annotation import Annotation, command


def written(**parts):
    given = {
        "level": "error",
        "path": "a/all.energy.toml",
        "line": 3,
        "title": "small REGRESSED",
        "message": "why",
    }
    return command(Annotation(**(given | parts)))


def test_an_annotation_names_file_line_and_title():
    assert written() == "::error file=a/all.energy.toml,line=3,title=small REGRESSED::why"


def test_what_is_unknown_is_left_out():
    assert written(path=None, line=None) == "::error title=small REGRESSED::why"
    assert written(level="warning", line=None).startswith("::warning file=a/all.energy.toml,title=")


def test_several_lines_and_percent_signs_are_escaped_in_a_message():
    assert written(message="+5 %\n100%").endswith("::+5\N{NO-BREAK SPACE}%25%0A100%25")


@pytest.mark.parametrize("hostile", ["a\n::set-env name=x::y", "a\r::x", "a,line=9::b", "\x1b[31m", "%0A::x"])
def test_nothing_in_a_name_or_message_ends_the_command_or_begins_another(hostile):
    line = written(title=hostile, path=hostile, message=hostile)
    assert line.isprintable()
    head, message = line.removeprefix("::error ").split("::", 1)
    assert head.count("=") - hostile.count("=") * 2 == 3
    assert head.count(",") == 2
    assert "%0A::x" not in head.replace("%250A", "")
    assert not message.startswith("::")
