from types import SimpleNamespace

import pytest

from pytest_energy.errors import PlacementError
from pytest_energy.providers import provider_named
from pytest_energy.results.placement import Placement
from pytest_energy.runtime.placement import assigned_placement, require_placement

OPENVINO, CPU = "OpenVINOExecutionProvider", "CPUExecutionProvider"


def session(**nodes):
    """A session that assigned so many nodes to each provider, in two subgraphs each."""
    subgraphs = [
        SimpleNamespace(
            ep_name={"openvino": OPENVINO, "cpu": CPU}[name],
            get_nodes=lambda count=count: [
                SimpleNamespace(op_type="Conv", name=f"n{i}") for i in range(count)
            ],
        )
        for name, count in nodes.items()
    ]
    return SimpleNamespace(get_provider_graph_assignment_info=lambda: subgraphs)


def test_nodes_are_counted_by_provider():
    placement = assigned_placement(session(openvino=9, cpu=1), provider_named("openvino"))
    assert placement.nodes == {CPU: 1, OPENVINO: 9}
    assert placement.fallback == ("Conv n0",)
    assert placement.share == 0.9


def test_only_some_of_many_fallen_nodes_are_listed():
    assert len(assigned_placement(session(cpu=500), provider_named("openvino")).fallback) == 20


def test_nine_in_ten_are_enough():
    require_placement(Placement(requested=OPENVINO, nodes={OPENVINO: 9, CPU: 1}))


@pytest.mark.parametrize("taken", [0, 8])
def test_a_figure_may_not_carry_the_wrong_name(taken):
    placement = Placement(
        requested=OPENVINO, nodes={OPENVINO: taken, CPU: 10 - taken}, fallback=("Conv n0", "Gelu n1")
    )
    with pytest.raises(PlacementError) as caught:
        require_placement(placement)
    message = str(caught.value)
    assert message.startswith(f"{OPENVINO} took {taken} of 10 nodes ({taken * 10}%)")
    assert "Conv n0; Gelu n1" in message


def test_a_model_without_nodes_has_nothing_to_misplace():
    require_placement(assigned_placement(session(), provider_named("cpu")))
