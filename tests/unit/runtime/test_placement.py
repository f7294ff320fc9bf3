from types import SimpleNamespace

import pytest

from pytest_energy.errors import PlacementError
from pytest_energy.results.factors import MOST_ELSEWHERE
from pytest_energy.results.placement import Placement
from pytest_energy.runtime.operators import TypicalStep
from pytest_energy.runtime.placement import (
    Findings,
    TakenNode,
    assigned_nodes,
    assigned_placement,
    nodes_elsewhere,
    require_claimed,
    require_placement,
    require_unchanged,
    verified_placement,
)

OPENVINO, CPU, WEBGPU = "OpenVINOExecutionProvider", "CPUExecutionProvider", "WebGpuExecutionProvider"
NAMES = {"openvino": OPENVINO, "cpu": CPU, "webgpu": WEBGPU}


def session(listed=(OPENVINO, CPU), **nodes):
    """A session that assigned so many nodes to each provider, in two subgraphs each."""
    subgraphs = [
        SimpleNamespace(
            ep_name=NAMES[name],
            get_nodes=lambda count=count: [
                SimpleNamespace(op_type="Conv", name=f"n{i}") for i in range(count)
            ],
        )
        for name, count in nodes.items()
    ]
    return SimpleNamespace(
        get_provider_graph_assignment_info=lambda: subgraphs, get_providers=lambda: list(listed)
    )


def nodes(**counts):
    return tuple(
        TakenNode(provider=NAMES[name], op_type="Conv", name=f"{name}{number}")
        for name, count in counts.items()
        for number in range(count)
    )


def step(*spans, run_us=None):
    """A profile of nodes in order, each ``(provider, µs)`` or ``(provider, µs, operator)``."""
    times = {
        (f"n{number}", (*rest, "Conv")[0], NAMES[provider]): float(time)
        for number, (provider, time, *rest) in enumerate(spans)
    }
    return TypicalStep(nodes=times, run_us=run_us or sum(times.values()))


def found(assigned, profiled, logged=None):
    return Findings(assigned=assigned, step=profiled, logged=logged or {})


def test_nodes_are_counted_by_provider():
    placement = assigned_placement(session(openvino=9, cpu=1), OPENVINO)
    assert placement.nodes == {CPU: 1, OPENVINO: 9}
    assert placement.fallback == ("Conv n0",)
    assert placement.share == 0.9
    assert placement.sources == ("assignment",)


def test_only_some_of_many_fallen_nodes_are_listed():
    assert len(assigned_placement(session(cpu=500), OPENVINO).fallback) == 20
    assert len(nodes_elsewhere(assigned_nodes(session(cpu=500)), OPENVINO)) == MOST_ELSEWHERE


def test_nodes_elsewhere_are_named_with_who_took_them():
    assert nodes_elsewhere(nodes(openvino=2, cpu=1), OPENVINO) == (f"{CPU} Conv cpu0",)


class TestVerified:
    def test_nodes_are_those_of_the_model_and_times_those_that_ran(self):
        # Nine nodes became one by fusion; the tenth fell back and takes a fifth of the time.
        placed = verified_placement(
            found(nodes(openvino=9, cpu=1), step(("openvino", 40), ("cpu", 10)), {OPENVINO: 1, CPU: 1}),
            OPENVINO,
            waits=True,
        )
        assert placed.nodes == {OPENVINO: 9, CPU: 1}
        assert placed.time_share == pytest.approx(0.8)
        assert placed.fallback == ("Conv cpu0",)
        assert (placed.partitions, placed.memcpy) == (1, 0)
        assert placed.sources == ("assignment", "log", "profile")
        assert placed.disputed is None

    def test_a_hole_makes_two_partitions_of_one(self):
        profiled = step(("openvino", 1), ("cpu", 1), ("openvino", 1))
        placed = verified_placement(found(nodes(openvino=8, cpu=1), profiled), OPENVINO, waits=True)
        assert placed.partitions == 2

    def test_copies_are_counted_and_are_no_nodes(self):
        profiled = step(
            ("webgpu", 1), ("webgpu", 1, "MemcpyToHost"), ("cpu", 1), ("webgpu", 1, "MemcpyFromHost")
        )
        placed = verified_placement(found((), profiled), WEBGPU, waits=False)
        assert placed.memcpy == 2
        assert placed.nodes == {CPU: 1, WEBGPU: 1}

    def test_an_assignment_that_lists_too_few_nodes_is_not_believed(self):
        # What ONNX Runtime 1.27 says of WebGPU: two of eleven nodes.
        profiled = step(*[("webgpu", 1)] * 11)
        placed = verified_placement(found(nodes(webgpu=2), profiled), WEBGPU, waits=False)
        assert placed.nodes == {WEBGPU: 11}
        assert placed.disputed == (
            f"ONNX Runtime says that it assigned 2 to {WEBGPU}, but what ran is 11 to {WEBGPU}"
        )

    def test_an_assignment_to_another_provider_than_ran_is_not_believed(self):
        placed = verified_placement(
            found(nodes(openvino=5), step(("cpu", 1), ("cpu", 1), ("cpu", 1))), OPENVINO, waits=True
        )
        assert placed.nodes == {CPU: 3}
        assert placed.time_share == 0
        with pytest.raises(PlacementError, match="took none of 3 nodes"):
            require_placement(placed, 0.0)

    def test_a_device_that_works_on_its_own_has_the_time_that_the_others_leave(self):
        # Launching took 2 us on the host, but the step was over after 1,000, of which the CPU had 100.
        profiled = step(("webgpu", 2), ("cpu", 100), run_us=1000)
        assert verified_placement(found((), profiled), WEBGPU, waits=False).time_share == pytest.approx(0.9)
        assert verified_placement(found((), profiled), WEBGPU, waits=True).time_share < 0.02

    def test_a_device_that_ran_nothing_has_no_time_either(self):
        assert verified_placement(found((), step(("cpu", 5), run_us=90)), WEBGPU, waits=False).time_share == 0

    def test_without_a_profile_only_the_assignment_is_known(self):
        placed = verified_placement(
            found(nodes(openvino=3), TypicalStep(nodes={}, run_us=0)), OPENVINO, waits=True
        )
        assert (placed.nodes, placed.time_share, placed.partitions) == ({OPENVINO: 3}, None, None)
        assert placed.disputed is None
        assert placed.sources == ("assignment",)


class TestPolicy:
    def test_nine_tenths_of_the_time_are_enough(self):
        require_placement(Placement(requested=OPENVINO, nodes={OPENVINO: 1, CPU: 9}, time_share=0.9), 0.9)

    def test_nodes_decide_where_time_is_unknown(self):
        require_placement(Placement(requested=OPENVINO, nodes={OPENVINO: 9, CPU: 1}), 0.9)
        with pytest.raises(PlacementError, match="took 8 of 10 nodes"):
            require_placement(Placement(requested=OPENVINO, nodes={OPENVINO: 8, CPU: 2}), 0.9)

    def test_time_decides_whatever_the_number_of_nodes(self):
        placement = Placement(
            requested=OPENVINO,
            nodes={OPENVINO: 99, CPU: 1},
            time_share=0.4,
            fallback=("NonMaxSuppression nms",),
            reasons=("no kernel",),
        )
        with pytest.raises(PlacementError) as caught:
            require_placement(placement, 0.9)
        message = str(caught.value)
        assert message.startswith(
            f"{OPENVINO} took 40% of the time and 99 of 100 nodes; at least 90% of the time must run there"
        )
        assert "NonMaxSuppression nms. It said: no kernel." in message
        require_placement(placement, 0.4)

    def test_all_means_every_node(self):
        most = Placement(requested=OPENVINO, nodes={OPENVINO: 99, CPU: 1}, time_share=1.0)
        with pytest.raises(PlacementError, match="all must run there"):
            require_placement(most, 1.0)
        require_placement(Placement(requested=OPENVINO, nodes={OPENVINO: 99}, time_share=1.0), 1.0)

    def test_a_provider_that_claimed_nothing_is_refused_even_where_any_share_will_do(self):
        placement = Placement(requested=OPENVINO, nodes={CPU: 10}, time_share=0.0, reasons=("it lacks Sum",))
        with pytest.raises(PlacementError, match=r"took none of 10 nodes .*It said: it lacks Sum"):
            require_placement(placement, 0.0)
        with pytest.raises(PlacementError):
            require_claimed(placement)

    def test_a_model_without_nodes_has_nothing_to_misplace(self):
        require_placement(assigned_placement(session(), CPU), 1.0)


class TestDuringAMeasurement:
    def test_a_session_that_stayed_as_it_was_is_fine(self):
        one = session(openvino=3, cpu=1)
        require_unchanged(assigned_placement(one, OPENVINO), one)

    @pytest.mark.parametrize(
        "after", [session(cpu=4), session((CPU,), openvino=3, cpu=1), session(openvino=2, cpu=2)]
    )
    def test_a_session_that_was_rebuilt_is_refused(self, after):
        before = assigned_placement(session(openvino=3, cpu=1), OPENVINO)
        with pytest.raises(PlacementError, match="moved while they were measured"):
            require_unchanged(before, after)
