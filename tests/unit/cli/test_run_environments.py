import pytest

from pytest_energy.cli.run_environments import names_of
from pytest_energy.errors import UsageError


@pytest.mark.parametrize(
    ("named", "names"),
    [
        (("envs/stock", "envs/openvino"), ["stock", "openvino"]),
        (("envs/stock/bin/python", "envs/openvino/bin/python3"), ["stock", "openvino"]),
        (("a/venv", "b/venv"), ["a/venv", "b/venv"]),
        ((".", "other"), ["project", "other"]),
    ],
)
def test_environments_are_called_as_shortly_as_they_differ(named, names, tmp_path):
    assert names_of(named, tmp_path / "project") == names


def test_one_that_is_named_twice_is_refused(tmp_path):
    with pytest.raises(UsageError, match="venv/bin/python is named twice"):
        names_of(("venv", "other", "venv/bin/python"), tmp_path)
