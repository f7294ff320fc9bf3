import json

import pytest

from pytest_energy.cli import profiles_detect
from pytest_energy.cli.main import main

CPUINFO = """\
processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 106
model name\t: Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz
physical id\t: 0
core id\t\t: 0
flags\t\t: avx2 avx512f hypervisor
"""


@pytest.fixture
def said(capsys):
    """A function: run the command, and return its exit code and what it printed."""

    def run(*arguments):
        code = main(["profiles", *arguments])
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def root(tmp_path):
    """A tree of an AWS instance with one GPU."""
    files = {
        "proc/cpuinfo": CPUINFO,
        "proc/meminfo": "MemTotal:        4000000 kB\n",
        "proc/driver/nvidia/gpus/0/information": "Model: Tesla T4\n",
        "sys/class/dmi/id/sys_vendor": "Amazon EC2\n",
        "sys/class/dmi/id/product_name": "c6i.large\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_list_has_a_line_per_profile_with_its_band(said):
    code, out = said("list", "7763")
    assert code == 0
    line = next(line for line in out.splitlines() if "amd-epyc-7763-server" in line)
    assert line.split() == [
        "amd-epyc-7763-server",
        "share",
        "0.42",
        "to",
        "2",
        "W",
        "per",
        "thread",
        "x0.8..x2.5",
    ]
    assert "by" in out.splitlines()[-1]


def test_a_list_of_nothing_is_said_by_the_exit_code(said):
    code, out = said("list", "no", "such", "thing")
    assert (code, out.splitlines()[-1].split()[:2]) == (1, ["0", "profiles"])


def test_the_list_as_json_holds_every_figure(said):
    code, out = said("list", "nvidia", "t4", "--json")
    told = {one["id"]: one for one in json.loads(out)}
    assert code == 0
    assert (told["nvidia-t4"]["kind"], told["nvidia-t4"]["rated_w"]) == ("accelerator", 70)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nvidia-t4", ["kind", "accelerator", "rated", "70 W", "band", "to hold 90% of devices"]),
        ("epyc-7763", ["AMD EPYC 7763: 64 cores, 2 threads each", "curve: the generic model", "of its own"]),
        ("github-x64-4vcpu", ["of which 4 are this machine's", "RUNNER_OS=Linux|Windows", "full load is"]),
    ],
)
def test_a_profile_is_shown_with_the_source_of_its_figures(said, name, words):
    code, out = said("show", name)
    flat = " ".join(out.split())
    assert code == 0
    assert "source" in flat
    for word in words:
        assert word in flat


def test_a_profile_that_nobody_knows_is_a_usage_error(capsys):
    assert main(["profiles", "show", "nvidia-t5"]) == 2
    assert "Did you mean 'nvidia-t4'" in capsys.readouterr().err


def test_detection_says_what_matched_and_how_surely(capsys, root):
    assert profiles_detect.run(as_json=False, root=root, variables={"CI": "true", "BUILDKITE": "true"}) == 0
    flat = " ".join(capsys.readouterr().out.split())
    assert "profile aws-c6i.large, certain" in flat
    assert "The instance type c6i.large is of the family of AWS c6i.large" in flat
    assert "accelerator Tesla T4: nvidia-t4" in flat
    assert "CI service Buildkite" in flat
    assert "virtual machine yes, AWS Nitro" in flat


def test_detection_as_json_is_for_other_programs(capsys, root):
    assert profiles_detect.run(as_json=True, root=root, variables={}) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["profile"], told["certain"]) == ("aws-c6i.large", True)
    assert told["accelerators"] == [{"name": "Tesla T4", "profile": "nvidia-t4"}]


def test_this_machine_is_found_out(said):
    code, out = said("detect")
    assert code == 0
    assert out.split()[0] == "profile"


def test_files_are_checked_one_by_one(said, tmp_path):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    text = (
        'id = "ours"\nname = "ours"\ncpu = { model = "any", unit = "core", units = 4 }\n'
        'tdp = { w = 65, source = ["data sheet"] }\n'
    )
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace("w = 65", "w = -65"), encoding="utf-8")
    code, out = said("validate", str(good))
    # A path that is longer than the line is folded: where spaces fall is the folder's affair.
    assert (code, "".join(out.split())) == (0, f"{good}:ours,nofault")
    code, out = said("validate", str(good), str(bad))
    flat = " ".join(out.split())
    assert code == 1
    assert "tdp.w is -65, but it must be the rated power of all units in watts" in flat
