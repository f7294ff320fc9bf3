"""What the documentation says of options, files and code is true."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from pytest_energy.options import OPTIONS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = [README, *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob(".github/**/*.md"))]
FLAGS = {option.flag for option in OPTIONS if option.on_command_line}


def blocks(path, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_flag_in_a_document_exists(path):
    assert set(re.findall(r"--energy[a-z-]*", path.read_text(encoding="utf-8"))) <= FLAGS


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_in_a_document_leads_to_a_file(path):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_readme_lists_every_option(option):
    assert f"`{option.flag}" in README.read_text(encoding="utf-8") or f"`{option.name}`" in README.read_text()


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_has_an_end_to_end_test(option):
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/e2e").glob("*.py"))
    assert (f'"{option.flag}"' in tests) or (not option.on_command_line and f"{option.name} = " in tests)


def test_the_readme_has_two_commands_that_ci_runs():
    assert len(blocks(README, "sh")) == 2


@pytest.mark.parametrize("text", blocks(README, "toml"))
def test_toml_in_the_readme_is_toml(text):
    assert tomllib.loads(text)


@pytest.mark.parametrize("text", blocks(README, "python"))
def test_python_in_the_readme_is_python(text):
    assert ast.parse(text)
