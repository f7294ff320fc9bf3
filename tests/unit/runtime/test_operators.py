import json
from itertools import count

import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.results.operators import OperatorProfile
from pytest_energy.runtime.operators import operator_profile, read_events, run_profiled_steps

CPU = "CPUExecutionProvider"


def node(name, op_type, start, duration, **args):
    args = {"op_name": op_type, "provider": CPU, "node_index": "0"} | args
    label = f"{name}_kernel_time"
    return {"cat": "Node", "tid": 7, "ph": "X", "name": label, "ts": start, "dur": duration, "args": args}


def run(start, duration):
    return {
        "cat": "Session",
        "tid": 7,
        "ph": "X",
        "name": "model_run",
        "ts": start,
        "dur": duration,
        "args": {},
    }


def a_step(start, *durations):
    """One run of Conv_0, Relu_1 and so on: every node begins when the one before it ends."""
    kinds, now = ("Conv", "Relu", "MatMul"), start
    for number, duration in enumerate(durations):
        yield node(f"{kinds[number]}_{number}", kinds[number], now, duration)
        now += duration
    yield run(start, now - start)


def shares(profile):
    return {each.name: pytest.approx(each.share) for each in profile.operators}


def test_a_node_has_its_share_of_all_nodes():
    profile = operator_profile(a_step(100, 60, 30, 10), steps=1)
    assert shares(profile) == {"Conv_0": 0.6, "Relu_1": 0.3, "MatMul_2": 0.1}
    assert {each.provider for each in profile.operators} == {CPU}
    assert [each.op_type for each in profile.operators] == ["Conv", "Relu", "MatMul"]


def test_runs_before_the_last_ones_do_not_count():
    events = [*a_step(0, 900, 1), *a_step(1000, 50, 50), *a_step(2000, 50, 50)]
    assert shares(operator_profile(events, steps=2)) == {"Conv_0": 0.5, "Relu_1": 0.5}


def test_a_disturbed_run_moves_nothing():
    quiet = [event for number in range(7) for event in a_step(number * 1000, 60, 20)]
    disturbed = operator_profile([*quiet, *a_step(7000, 60, 900)], steps=8)
    assert shares(disturbed) == {"Conv_0": 0.75, "Relu_1": 0.25}


def test_between_whole_microseconds_the_middle_of_the_runs_decides():
    events = [event for number in range(8) for event in a_step(number * 10, 1 + number % 2, 1)]
    assert shares(operator_profile(events, steps=8)) == {"Conv_0": 0.6, "Relu_1": 0.4}


def test_what_runs_inside_a_node_is_not_counted_twice():
    events = [
        node("body", "MatMul", 10, 30),  # a profile tells the inner nodes first
        node("body", "MatMul", 50, 30),
        node("Loop_0", "Loop", 0, 100),
        run(0, 100),
    ]
    assert shares(operator_profile(events, steps=1)) == {"Loop_0": 0.4, "body": 0.6}


def test_neighbours_on_another_thread_are_not_inside():
    other = node("Relu_1", "Relu", 10, 50) | {"tid": 8}
    events = [node("Conv_0", "Conv", 0, 100), other, run(0, 100)]
    assert shares(operator_profile(events, steps=1)) == {"Conv_0": 2 / 3, "Relu_1": 1 / 3}


def test_a_node_without_a_name_is_called_by_its_operator():
    (one,) = operator_profile([node("", "Conv", 0, 9), run(0, 9)], steps=1).operators
    assert one.name == "Conv"


def test_the_number_of_what_a_provider_fused_is_no_part_of_its_operator():
    events = [node("fused_77", "TRTKernel_graph_net_8351207311_0", 0, 9), run(0, 9)]
    (one,) = operator_profile(events, steps=1).operators
    assert one.op_type == "TRTKernel_graph_net"
    assert one.name == "fused_77"


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"cat": "Node", "name": "no_times_kernel_time"},
        {"cat": "Node", "name": None, "ts": 1, "dur": 1},
        {"cat": "Node", "name": "Conv_0_fence_before", "ts": 1, "dur": 50, "args": {}},
        {"cat": "Kernel", "name": "sgemm", "ts": 1, "dur": 50, "args": {"op_name": "Conv"}},
        {"cat": "Session", "name": "model_run", "ts": "1", "dur": 50},
    ],
)
def test_other_events_do_not_count(odd):
    assert shares(operator_profile([odd, *a_step(0, 3, 1)], steps=1)) == {"Conv_0": 0.75, "Relu_1": 0.25}


def test_a_node_that_says_nothing_of_itself_is_kept():
    silent = {"cat": "Node", "name": "x_kernel_time", "ts": 0, "dur": 5}
    (one,) = operator_profile([silent, run(0, 5)], steps=1).operators
    assert (one.name, one.op_type, one.provider) == ("x", "unknown", "")


@pytest.mark.parametrize(
    "events", [[], [run(0, 9)], [node("a", "Conv", 0, 9)], [node("a", "Conv", 0, 0), run(0, 9)]]
)
def test_where_nothing_is_told_the_profile_is_empty(events):
    assert operator_profile(events, steps=3) == OperatorProfile()


def written(events):
    """A profile as ONNX Runtime writes it."""
    return "[\n" + ",\n".join(json.dumps(event) for event in events) + "\n]\n"


def test_a_file_is_read_line_by_line(tmp_path):
    events = list(a_step(0, 2, 1))
    (tmp_path / "p.json").write_text(written(events), encoding="utf-8")
    assert list(read_events(str(tmp_path / "p.json"))) == events


def test_a_truncated_file_is_read_as_far_as_it_goes(tmp_path):
    whole = written([*a_step(0, 60, 30, 10), *a_step(1000, 1, 1, 1)])
    (tmp_path / "p.json").write_text(whole[: len(whole) - 300], encoding="utf-8")
    profile = operator_profile(read_events(str(tmp_path / "p.json")), steps=1)
    assert shares(profile) == {"Conv_0": 0.6, "Relu_1": 0.3, "MatMul_2": 0.1}


def test_a_line_that_cannot_be_read_is_left_out(tmp_path):
    broken = written(a_step(0, 3, 1)).replace("[\n", '[\n{"name" : "a\\path"},\n7,\n')
    (tmp_path / "p.json").write_bytes(b"\xff\n" + broken.encode())
    profile = operator_profile(read_events(str(tmp_path / "p.json")), steps=1)
    assert shares(profile) == {"Conv_0": 0.75, "Relu_1": 0.25}


class Steps:
    def __init__(self, clock, duration_s):
        self._clock, self._duration_s = clock, duration_s
        self._numbers = count(1)
        self.done = 0

    def __call__(self):
        self.done = next(self._numbers)
        self._clock.advance(self._duration_s)


@pytest.mark.parametrize(
    ("duration_s", "nodes", "expected"),
    [(1e-4, 10, 50), (0.09, 10, 6), (20.0, 10, 1), (1e-4, 10_000, 5), (1e-4, 10**6, 1), (1e-4, 0, 50)],
)
def test_steps_are_bounded_by_time_number_and_size(duration_s, nodes, expected):
    clock = FakeClock()
    step = Steps(clock, duration_s)
    told = []
    assert run_profiled_steps(step, nodes, clock, told.append) == expected
    assert step.done == expected + 1  # one to warm up
    assert told == list(range(1, expected + 1))
