import pytest

from pytest_energy.baselines.json_text import has_conflict_markers, lay_out, parse


def test_a_key_and_an_element_of_a_list_have_a_line_each():
    document = {"a": {"b": 1, "c": {}}, "words": ["x", "y"], "rows": [{"d": 1.5, "e": 2}, {"d": 2.5, "e": 3}]}
    assert lay_out(document) == (
        '{\n  "a": {\n    "b": 1,\n    "c": {}\n  },\n  "words": ["x", "y"],\n'
        '  "rows": [\n    {"d": 1.5, "e": 2},\n    {"d": 2.5, "e": 3}\n  ]\n}\n'
    )


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_figure_is_not_written(figure):
    with pytest.raises(ValueError, match="JSON compliant"):
        lay_out({"a": [{"b": figure}]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "'a' stands there twice"),
        ('{"a": NaN}', "NaN is no figure"),
        ('{"a": -Infinity}', "-Infinity is no figure"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": ' + "9" * 5000 + "}", "too large a figure"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": 1', "delimiter"),
    ],
)
def test_leniency_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_conflict_markers_are_seen_at_the_beginning_of_a_line_only():
    assert has_conflict_markers('{\n<<<<<<< HEAD\n  "a": 1\n=======\n')
    assert not has_conflict_markers('{"a": "<<<<<<< HEAD ======="}')
