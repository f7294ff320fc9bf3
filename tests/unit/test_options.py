import argparse

import pytest

from pytest_energy.options import OPTIONS

FLAGS = [option for option in OPTIONS if option.on_command_line]


@pytest.mark.parametrize("field", ["name", "flag", "dest"])
def test_every_option_has_a_name_of_its_own(field):
    values = [getattr(option, field) for option in OPTIONS]
    assert len(values) == len(set(values))


def test_no_flag_is_the_beginning_of_another_but_the_switch_itself():
    # argparse completes abbreviations: --energy-tim would be ambiguous, --energy-time must not be.
    exact = {option.flag for option in FLAGS}
    parser = argparse.ArgumentParser()
    for flag in exact:
        parser.add_argument(flag, dest=flag, action="store_true")
    for flag in exact:
        given = vars(parser.parse_args([flag]))
        assert [name for name, value in given.items() if value] == [flag]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_a_flag_starts_with_the_plugins_prefix(option):
    assert option.flag == "--energy" or option.flag.startswith("--energy-")
    assert option.dest.isidentifier()


@pytest.mark.parametrize("option", FLAGS, ids=lambda option: option.name)
def test_every_flag_is_explained_and_shows_what_follows_it(option):
    shown = option.help % {}
    assert shown
    assert bool(option.metavar) == (option.kind != "flag")


@pytest.mark.parametrize("name", ["energy", "update", "reason"])
def test_what_disarms_or_rewrites_the_gate_cannot_be_committed(name):
    (option,) = [option for option in OPTIONS if option.name == name]
    assert not option.in_file


def test_every_option_can_be_given_somewhere():
    assert all(option.in_file or option.on_command_line for option in OPTIONS)


def test_a_switch_is_off_unless_it_is_given():
    assert all(option.default is False for option in OPTIONS if option.kind == "flag")
