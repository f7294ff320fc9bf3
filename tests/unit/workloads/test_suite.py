import json
import re
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pytest_energy.errors import SettingsError, SuiteError
from pytest_energy.quantities import Ceiling
from pytest_energy.results.given_inputs import GivenInput, GivenInputs
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.workloads.suite import Overrides, model_entry, read_suite
from pytest_energy.workloads.suite_table import _READERS


@pytest.fixture
def write(tmp_path):
    """Write a suite beside two models and return its path."""

    def write_suite(text: str) -> Path:
        for name in ("cnn.onnx", "speech.onnx"):
            (tmp_path / name).write_bytes(b"\x08\x0a")
        path = tmp_path / "models.energy.toml"
        path.write_bytes(text.encode())
        return path

    return write_suite


def refusal(path):
    with pytest.raises(SuiteError) as caught:
        read_suite(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n\n" not in message
    return message


def ids(entries):
    return [entry.benchmark.id for entry in entries]


def test_a_model_alone_gets_every_built_in_value(write, tmp_path):
    (entry,) = read_suite(write('[[benchmark]]\nmodel = "cnn.onnx"\n'))
    assert entry.benchmark.id == "cnn--cpu-b1"
    assert entry.benchmark.mode == "inference"
    assert entry.benchmark.model == "cnn.onnx"
    assert entry.benchmark.threads == 1
    assert entry.model_path == tmp_path / "cnn.onnx"
    assert entry.overrides == Overrides()
    assert entry.line == 1


def test_every_key_arrives_where_it_belongs(write):
    (entry,) = read_suite(
        write(
            '[[benchmark]]\nmodel = "cnn.onnx"\nname = "digits"\nmode = "inference"\nbatch = 8\n'
            'providers = ["OpenVINOExecutionProvider"]\nthreads = 4\ntolerance = "8 %"\n'
            'budget = "40 ug"\ntime = 2.5\n'
        )
    )
    assert entry.benchmark.id == "digits--openvino-b8-t4"
    assert entry.overrides.tolerance == pytest.approx(0.08)
    assert entry.overrides.budget == Ceiling(value=pytest.approx(40e-6), unit="g")
    assert entry.overrides.time_s == 2.5


def test_options_arrive_at_their_provider_as_text(write):
    first, second = read_suite(
        write(
            '[defaults]\nproviders = ["cpu", "openvino"]\n'
            "[defaults.provider_options.OpenVINOExecutionProvider]\nnum_of_threads = 2\ncache = true\n"
            '[[benchmark]]\nmodel = "cnn.onnx"\noptimization = "basic"\nmemory_pattern = false\n'
            'device = "GPU"\nplacement = "all"\n'
            '[benchmark.provider_options.openvino]\ndevice_type = "CPU"\n'
            '[benchmark.session]\n"session.set_denormal_as_zero" = true\n'
        )
    )
    assert first.benchmark.session.provider_options == {}
    assert second.benchmark.session == SessionSettings(
        optimization="basic",
        memory_pattern=False,
        device="GPU",
        provider_options={"num_of_threads": "2", "cache": "true", "device_type": "CPU"},
        entries={"session.set_denormal_as_zero": "1"},
    )
    assert second.overrides.placement == 1.0


def test_benchmarks_that_differ_in_options_alone_have_ids_of_their_own(write):
    entries = read_suite(
        write(
            '[[benchmark]]\nmodel = "cnn.onnx"\n'
            '[[benchmark]]\nmodel = "cnn.onnx"\noptimization = "disabled"\n'
            '[[benchmark]]\nmodel = "cnn.onnx"\n[benchmark.provider_options.cpu]\nuse_arena = 0\n'
        )
    )
    assert len(set(ids(entries))) == 3
    assert ids(entries)[0] == "cnn--cpu-b1"
    assert all(re.fullmatch(r"cnn--cpu-b1-o[0-9a-f]{6}", one) for one in ids(entries)[1:])


def test_options_of_a_provider_that_a_flag_chooses_are_its_own(write):
    path = write(
        '[[benchmark]]\nmodel = "cnn.onnx"\nproviders = ["cuda"]\n'
        "[benchmark.provider_options.cuda]\ndevice_id = 1\n"
        '[benchmark.provider_options.openvino]\ndevice_type = "CPU"\n'
    )
    (entry,) = read_suite(path, providers=["openvino"])
    assert entry.benchmark.session.provider_options == {"device_type": "CPU"}


@pytest.mark.parametrize(("written", "least"), [("all", 1.0), ("90%", 0.9), ("any", 0.0), (" All ", 1.0)])
def test_a_policy_of_placement_is_a_share(write, written, least):
    (entry,) = read_suite(write(f'[[benchmark]]\nmodel = "cnn.onnx"\nplacement = "{written}"\n'))
    assert entry.overrides.placement == pytest.approx(least)


def test_a_plugin_library_is_a_provider_by_the_name_it_was_given(write, tmp_path):
    library = tmp_path / "x.so"
    path = write(
        '[[benchmark]]\nmodel = "cnn.onnx"\nproviders = ["cpu", "my-npu"]\n'
        "[benchmark.provider_options.my-npu]\nfast = true\n"
    )
    on_cpu, on_npu = read_suite(path, libraries={"my-npu": library})
    assert (on_cpu.library, on_npu.library) == (None, library)
    assert on_npu.benchmark.session.provider_options == {"fast": "true"}
    assert "providers: No execution provider is named 'my-npu'" in refusal(path)


def test_a_list_of_batch_sizes_and_providers_makes_one_benchmark_for_each(write):
    entries = read_suite(
        write('[[benchmark]]\nmodel = "cnn.onnx"\nbatch = [1, 32]\nproviders = ["cpu", "openvino"]\n')
    )
    assert ids(entries) == ["cnn--cpu-b1", "cnn--cpu-b32", "cnn--openvino-b1", "cnn--openvino-b32"]


def test_a_provider_named_twice_in_two_ways_makes_one_benchmark(write):
    text = '[[benchmark]]\nmodel = "cnn.onnx"\nproviders = ["cpu", "CPUExecutionProvider"]\n'
    assert ids(read_suite(write(text))) == ["cnn--cpu-b1"]


def test_defaults_hold_unless_a_benchmark_says_otherwise(write):
    first, second = read_suite(
        write(
            '[defaults]\nbatch = 4\ntolerance = "9%"\n'
            '[[benchmark]]\nmodel = "cnn.onnx"\n'
            '[[benchmark]]\nmodel = "speech.onnx"\nbatch = 2\ntolerance = "3%"\n'
        )
    )
    assert (first.benchmark.batch, first.overrides.tolerance) == (4, pytest.approx(0.09))
    assert (second.benchmark.batch, second.overrides.tolerance) == (2, pytest.approx(0.03))


def test_a_provider_flag_beats_the_suite(write):
    path = write('[[benchmark]]\nmodel = "cnn.onnx"\nproviders = ["openvino"]\n')
    assert ids(read_suite(path, providers=["CPU"])) == ["cnn--cpu-b1"]


def test_benchmarks_that_a_provider_flag_makes_equal_run_once(write):
    path = write(
        '[[benchmark]]\nmodel = "cnn.onnx"\nproviders = ["cuda"]\ntolerance = "3%"\n'
        '[[benchmark]]\nmodel = "cnn.onnx"\nproviders = ["openvino"]\n'
    )
    (entry,) = read_suite(path, providers=["cpu"])
    assert entry.overrides.tolerance == pytest.approx(0.03)


def test_default_providers_hold_only_where_the_suite_names_none(write):
    path = write(
        '[[benchmark]]\nmodel = "cnn.onnx"\nproviders = ["cpu"]\n[[benchmark]]\nmodel = "speech.onnx"\n'
    )
    assert ids(read_suite(path, default_providers=["openvino"])) == ["cnn--cpu-b1", "speech--openvino-b1"]


def test_an_unknown_provider_flag_is_a_fault_of_the_flag(write):
    with pytest.raises(SettingsError, match="'gpu'"):
        read_suite(write('[[benchmark]]\nmodel = "cnn.onnx"\n'), providers=["gpu"])


def test_a_path_with_backslashes_names_the_same_model_everywhere(write, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "net.onnx").write_bytes(b"\x08")
    (entry,) = read_suite(write("[[benchmark]]\nmodel = 'deep\\net.onnx'\n"))
    assert entry.benchmark.model == "deep/net.onnx"
    assert entry.model_path == tmp_path / "deep" / "net.onnx"


def test_windows_line_ends_and_a_byte_order_mark_are_read(write):
    entries = read_suite(write('\ufeff# suite\r\n[[benchmark]]\r\nmodel = "cnn.onnx"\r\n'))
    assert ids(entries) == ["cnn--cpu-b1"]
    assert entries[0].line == 2


def test_an_unknown_key_is_named_with_file_table_line_and_the_nearest_key(write):
    path = write('[[benchmark]]\nmodel = "cnn.onnx"\n\n[[benchmark]]\nmodel = "speech.onnx"\nbatchs = 2\n')
    message = refusal(path)
    assert message.startswith(
        f"{path}: benchmark[2] (line 4): the key 'batchs' is unknown. Did you mean 'batch'?"
    )


def test_a_key_that_is_like_no_other_is_answered_with_all_keys(write):
    message = refusal(write('[[benchmark]]\nmodel = "cnn.onnx"\nxyz = 2\n'))
    assert "Did you mean" not in message
    assert "Known here: model, name, mode, loss, " in message


def test_inputs_are_a_file_several_or_a_function(write, tmp_path):
    for name in ("a.npz", "b.npz"):
        (tmp_path / name).write_bytes(b"")
    for written, wanted in {
        '"a.npz"': {"files": (str(tmp_path / "a.npz"),)},
        '["a.npz", "b.npz"]': {"files": (str(tmp_path / "a.npz"), str(tmp_path / "b.npz"))},
        '"samples.images:make"': {"function": "samples.images:make"},
    }.items():
        (entry,) = read_suite(write(f'[[benchmark]]\nmodel = "cnn.onnx"\ninputs = {written}\n'))
        assert entry.inputs == GivenInputs(folder=str(tmp_path), **wanted)


def test_single_inputs_have_tables_of_their_own(write):
    text = """
        [[benchmark]]
        model = "cnn.onnx"
        feeds = 2
        [benchmark.inputs."images:0"]
        shape = [1, 3, 8, 8]
        low = 0
        high = 1.5
        [benchmark.inputs.mask]
        like = "mask"
        [benchmark.inputs.rate]
        values = 16000
    """
    (entry,) = read_suite(write(text))
    assert entry.inputs.feeds == 2
    assert entry.inputs.inputs == (
        GivenInput(name="images:0", shape=(1, 3, 8, 8), low=0, high=1.5),
        GivenInput(name="mask", like="mask"),
        GivenInput(name="rate", values=(16000,)),
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('inputs = "a.npy"', "'a.npy' is neither a file *.npz nor a function"),
        ('inputs = "gone.npz"', "the inputs 'gone.npz', looked for at"),
        ("inputs = 3", "inputs is 3, but it must be a file"),
        ("inputs.x.shap = [1]", "the key 'shap' is unknown. Did you mean 'shape'?"),
        ("inputs.x.shape = [1, -1]", "a list of whole numbers"),
        ("inputs.x.shape = 3", "a list of whole numbers"),
        ('inputs.x.low = "a"', "must be a number"),
        ("inputs.x.low = nan", "must be a number"),
        ("inputs.x = {low = 3, high = 3}", "must be less than high"),
        ('inputs.x.like = "masks"', "one of normal, uniform"),
        ("inputs.x.values = []", "empty list"),
        ("inputs.x = {values = 1, low = 0}", "nothing to draw"),
        ("inputs.x.values = [[1]]", "a flat list"),
        ("feeds = 0", "feeds is 0, but it must be"),
    ],
)
def test_inputs_that_cannot_be_used_are_refused(write, written, said):
    with pytest.raises(SuiteError) as caught:
        read_suite(write(f'[[benchmark]]\nmodel = "cnn.onnx"\n{written}\n'))
    assert said in str(caught.value)
    assert "benchmark[1] (line 1)" in str(caught.value)


def test_a_misspelt_table_is_named_with_the_right_one(write):
    message = refusal(write('[[benchmarks]]\nmodel = "cnn.onnx"\n'))
    assert "top level: the key 'benchmarks' is unknown. Did you mean 'benchmark'?" in message


@pytest.mark.parametrize("key", ["model", "name"])
def test_defaults_cannot_name_what_belongs_to_one_benchmark(write, key):
    message = refusal(write(f'[defaults]\n{key} = "cnn.onnx"\n[[benchmark]]\nmodel = "cnn.onnx"\n'))
    assert f"[defaults]: the key '{key}' is unknown" in message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("batch = 0", "batch is 0, but it must be a whole number of 1 or more"),
        ("batch = []", "batch is []"),
        ("batch = [1, 1]", "a list of different ones"),
        ("batch = true", "batch is true"),
        ("batch = 1.5", "batch is 1.5"),
        ('batch = "1"', 'batch is "1"'),
        ("threads = 0", "threads is 0"),
        ('spinning = "yes"', 'spinning is "yes"'),
        ("pace = 20", 'pace is 20, but it must be the time from one arrival to the next, such as "20 ms"'),
        ('pace = "20"', "pace: '20' is not a duration such as '20 ms'"),
        ('transfer = "yes"', 'transfer is "yes"'),
        ("agreement = 0.01", "agreement is 0.01"),
        ('agreement = "good"', "agreement: 'good' is neither a fraction"),
        ('providers = "cpu"', 'providers is "cpu", but it must be a list of execution providers'),
        ("providers = []", "providers is []"),
        ("providers = [1]", "providers is 1"),
        ('providers = ["openvini"]', "Did you mean 'openvino'?"),
        ("tolerance = 5", "a bare 5 or 0.05 would leave open which is meant"),
        ('tolerance = "5"', "with its sign"),
        ('tolerance = "-5%"', "tolerance: '-5%' must be a percentage of 0 or more"),
        ('tolerance = "much%"', "is not a percentage"),
        ("budget = 2", "in quotes and with its unit"),
        ('budget = "2 W"', "is not an energy"),
        (
            "time = 0",
            "time is 0, but it must be the time budget of the benchmark in seconds, a number above 0",
        ),
        ("time = nan", "no time budget"),
        ("time = inf", "no time budget"),
        ('time = "6"', 'time is "6"'),
        (
            'mode = "evaluation"',
            'mode is "evaluation", but it must be "inference" or "training"',
        ),
        ('optimization = "most"', 'optimization is "most"'),
        ("memory_pattern = 1", "memory_pattern is 1"),
        ('device = ""', 'device is ""'),
        ('placement = "most"', "placement: 'most' is not a percentage"),
        ('placement = "101%"', "placement: '101%' is no share"),
        ("placement = 0.9", "placement is 0.9"),
        ('provider_options = "x"', "provider_options is"),
        ("provider_options.cuda = 1", "provider_options is 1, but it must be a table of options"),
        ("provider_options.cuda.device_id = []", "provider_options is []"),
        ('provider_options.cudda.x = "1"', "provider_options: No execution provider is named 'cudda'"),
        ("session = 1", "session is 1, but it must be a table of configuration entries"),
        ('session."session.intra_op.allow_spinning" = "1"', "use the keys threads and spinning instead"),
        ('name = " "', 'name is " "'),
        ("name = 2026-01-01", 'name is "2026-01-01"'),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_wanted(write, line, said):
    message = refusal(write(f'[[benchmark]]\nmodel = "cnn.onnx"\n{line}\n'))
    assert "benchmark[1] (line 1): " in message
    assert said in message


def test_a_wrong_value_among_the_defaults_is_found_there(write):
    message = refusal(write('[defaults]\ntolerance = "-1%"\n[[benchmark]]\nmodel = "cnn.onnx"\n'))
    assert "[defaults]: tolerance: '-1%'" in message


def test_a_wrong_value_is_named_before_unknown_keys_that_may_follow_from_it(write):
    message = refusal(write('[[benchmark]]\nlos = "mse"\nmodel = "cnn.onnx"\nmode = "train"\n'))
    assert "mode is" in message


@pytest.mark.parametrize("text", ["benchmark = 5", "benchmark = [5]", "[benchmark]\n", "defaults = 1"])
def test_what_should_be_a_table_and_is_none_is_answered_with_how_to_write_it(write, text):
    assert "Write [defaults] once, and [[benchmark]]" in refusal(write(text))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "benchmark = []", "[defaults]\nbatch = 1\n"])
def test_a_suite_without_a_benchmark_is_refused(write, text):
    assert "names no benchmark" in refusal(write(text))


def test_a_benchmark_without_a_model_is_refused(write):
    assert 'benchmark[1] (line 2): the key "model" is missing' in refusal(
        write("\n[[benchmark]]\nbatch = 1\n")
    )


def test_what_is_not_toml_is_refused_with_its_line(write):
    message = refusal(write("[[benchmark]]\nmodel = cnn.onnx\n"))
    assert "is not TOML" in message
    assert "line 2" in message


def test_what_is_not_utf8_is_refused_with_the_offending_byte(tmp_path):
    path = tmp_path / "models.energy.toml"
    path.write_bytes('# größer\n[[benchmark]]\nmodel = "m"\n'.encode("latin-1"))
    assert "is not UTF-8: invalid start byte at byte 4" in refusal(path)


def test_a_missing_suite_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "absent.energy.toml")


def test_a_missing_model_is_refused_with_its_path_and_models_nearby(write, tmp_path):
    message = refusal(write('[[benchmark]]\nmodel = "cnm.onnx"\n'))
    assert f"the model 'cnm.onnx', looked for at {tmp_path / 'cnm.onnx'}, is missing" in message
    assert "cnn.onnx" in message


def test_a_model_that_is_a_folder_is_refused(write):
    assert "is a folder" in refusal(write('[[benchmark]]\nmodel = "."\n'))


def test_two_benchmarks_with_one_id_are_refused_and_both_are_named(write):
    table = '[[benchmark]]\nmodel = "cnn.onnx"\n'
    message = refusal(write(table + table))
    assert "benchmark[1] (line 1) and benchmark[2] (line 3) both make the benchmark 'cnn--cpu-b1'" in message
    assert 'name = "..."' in message


def test_two_benchmarks_of_one_model_differ_by_their_names(write):
    table = '[[benchmark]]\nmodel = "cnn.onnx"\n'
    entries = read_suite(write(f'{table}{table}name = "other"\ntolerance = "1%"\n'))
    assert ids(entries) == ["cnn--cpu-b1", "other--cpu-b1"]


def test_no_line_is_told_where_a_text_could_pass_for_a_table(write):
    (entry,) = read_suite(write('[[benchmark]]\nmodel = "cnn.onnx"\nname = """\n[[benchmark]]\n"""\n'))
    assert entry.line is None


def test_a_named_model_makes_one_benchmark_per_provider(tmp_path):
    path = tmp_path / "cnn.onnx"
    entries = model_entry(path, "models\\cnn.onnx", ["openvino", "cpu"])
    assert ids(entries) == ["cnn--openvino-b1", "cnn--cpu-b1"]
    assert {entry.benchmark.model for entry in entries} == {"models/cnn.onnx"}
    assert {entry.model_path for entry in entries} == {path}
    assert {entry.line for entry in entries} == {None}


def test_a_named_model_runs_on_the_cpu_unless_told_otherwise(tmp_path):
    assert ids(model_entry(tmp_path / "cnn.onnx", "cnn.onnx")) == ["cnn--cpu-b1"]


def test_the_schema_is_valid_and_describes_every_key():
    text = (
        resources.files("pytest_energy.workloads").joinpath("suite.schema.json").read_text(encoding="utf-8")
    )
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    keys = set(schema["$defs"]["benchmark"]["properties"])
    assert keys - {"model", "name", "inputs"} == set(schema["$defs"]["defaults"]["properties"])
    assert all(schema["$defs"][key]["description"] for key in keys)
    assert set(_READERS) < keys


VALUES = st.one_of(
    st.integers(-3, 3),
    st.booleans(),
    st.sampled_from(['"5%"', '"cpu"', '["cpu"]', "[1]", "{}", "nan", "1.0", '""']),
)
KEYS = st.sampled_from(
    [
        "model",
        "name",
        "mode",
        "batch",
        "providers",
        "threads",
        "spinning",
        "feeds",
        "inputs",
        "tolerance",
        "budget",
        "time",
        "pace",
        "x",
    ]
)


@given(tables=st.lists(st.tuples(st.booleans(), st.dictionaries(KEYS, VALUES, max_size=4)), max_size=3))
def test_whatever_a_suite_says_it_is_read_or_refused_in_one_paragraph(tmp_path_factory, tables):
    folder = tmp_path_factory.getbasetemp()
    (folder / "5%").write_bytes(b"\x08")
    path = folder / "any.energy.toml"
    headers = [
        "[[benchmark]]" if benchmark or index else "[defaults]" for index, (benchmark, _) in enumerate(tables)
    ]
    lines = [
        f"{header}\n" + "".join(f"{key} = {str(value).lower()}\n" for key, value in table.items())
        for header, (_, table) in zip(headers, tables, strict=True)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    try:
        entries, refused = read_suite(path), None
    except SuiteError as error:
        entries, refused = (), str(error)
    if refused is None:
        assert len(set(ids(entries))) == len(entries) > 0
    else:
        assert refused.startswith(str(path))
        assert "\n" not in refused
