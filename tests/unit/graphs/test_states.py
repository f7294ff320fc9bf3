import pytest


@pytest.mark.parametrize(
    ("inputs", "outputs", "pairs"),
    [
        (["state"], ["stateN"], [("state", "stateN")]),
        (["h0", "c0"], ["hn", "cn"], [("h0", "hn"), ("c0", "cn")]),
        (["h_in"], ["h_out"], [("h_in", "h_out")]),
        (
            ["past_key_values.0.key", "past_key_values.0.value"],
            ["present.0.key", "present.0.value"],
            [("past_key_values.0.key", "present.0.key"), ("past_key_values.0.value", "present.0.value")],
        ),
        (["cache_a"], ["new_cache_a"], [("cache_a", "new_cache_a")]),
        (["hidden_in"], ["memory_out"], [("hidden_in", "memory_out")]),  # the only two of their shape
        (["x"], ["y"], []),
    ],
)
def test_states_are_paired_by_name(planned, inputs, outputs, pairs):
    text = f"""g ({", ".join(f'float[1, 4] "{name}"' for name in inputs)})
        => ({", ".join(f'float[1, 4] "{name}"' for name in outputs)}) {{
        {" ".join(f'"{o}" = Neg("{i}")' for i, o in zip(inputs, outputs, strict=True))}
    }}"""
    found = planned(text).plan.states
    assert [(each.input, each.output) for each in found] == pairs


def test_a_state_does_not_change_its_shape(planned):
    plan = planned("g (float[1, 4] h0) => (float[1, 5] hn) { hn = MatMul(h0, w) }", w=(4, 5))
    assert plan.plan.states == ()
