"""Sizes of free axes: what they stand for, and which the operators can have together."""

import numpy as np
import pytest


def test_the_batch_is_that_of_the_benchmark(planned):
    plan = planned("g (float[batch, 4] x) => (y) { y = Identity(x) }", batch=7)
    assert plan.shape("x") == (7, 4)


def test_axes_without_a_name_are_sized_apart(planned):
    plan = planned("g (float[?, 3, ?, ?] x) => (y) { y = Identity(x) }", batch=2)
    assert plan.shape("x") == (2, 3, 224, 224)
    assert sorted(plan.sizes) == ["x[0]", "x[2]", "x[3]"]


def test_a_symbol_is_one_size_in_every_input(planned):
    plan = planned("g (float[batch, n] a, int64[batch, n] b) => (y, z) { y = Identity(a) z = Identity(b) }")
    assert plan.shape("a") == plan.shape("b")


def test_reflection_needs_more_elements_than_it_adds(planned):
    plan = planned(
        """g (float[batch, time] x) => (y) { y = Pad <mode = "reflect"> (x, pads) }""",
        pads=np.array([0, 300, 0, 300]),
    )
    assert plan.shape("x")[1] > 300


def test_a_kernel_must_fit(planned):
    plan = planned("g (float[batch, 1, n] x) => (y) { y = Conv(x, w) }", w=(4, 1, 400))
    assert plan.shape("x")[2] >= 400
    assert plan.sized.faults == 0


def test_what_is_joined_after_down_and_upsampling_is_a_multiple(planned):
    plan = planned(
        """g (float[batch, 3, h, w] x) => (y) {
            a = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
            b = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (a)
            c = Resize(b, , scales)
            y = Concat <axis = 1> (x, c)
        }""",
        scales=np.array([1, 1, 4, 4], np.float32),
    )
    height, width = plan.shape("x")[2:]
    assert height % 4 == width % 4 == 0
    assert plan.sized.faults == 0


def test_sizes_that_are_added_to_a_table_are_those_of_the_table(planned):
    plan = planned("g (float[batch, n, 8] x) => (y) { y = Add(x, table) }", table=(1, 16, 8))
    assert plan.shape("x") == (1, 16, 8)


def test_a_size_may_have_to_agree_with_that_of_another_input(planned):
    plan = planned("g (float[batch, n, 8] x, float[batch, 32, 8] z) => (y) { y = Add(x, z) }")
    assert plan.shape("x") == (1, 32, 8)


def test_a_total_is_the_sum_of_its_parts(planned):
    plan = planned(
        """g (int64[batch, sequence] ids, float[batch, 2, past_sequence, 8] cache,
              int64[batch, total_sequence] attention_mask)
            => (a, b, c) { a = Identity(ids) b = Identity(cache) c = Identity(attention_mask) }"""
    )
    assert plan.shape("attention_mask")[1] == plan.shape("ids")[1] + plan.shape("cache")[2]


@pytest.mark.parametrize(
    ("symbol", "size"), [("n + 1", 65), ("2*n", 128), ("n/2", 32), ("__import__('os')", 64)]
)
def test_arithmetic_on_symbols_is_computed_and_nothing_else(parsed, planned_model, symbol, size):
    made = parsed("g (float[batch, n] a, float[batch, m] b) => (y, z) { y = Identity(a) z = Identity(b) }")
    made.graph.input[1].type.tensor_type.shape.dim[1].dim_param = symbol
    assert planned_model(made).shape("b")[1] == size


def test_the_batch_axis_of_a_state_may_be_anywhere(planned):
    plan = planned(
        """g (float[1, ?, 8] x, float[1, ?, 4] state) => (y, h) {
            y, h = GRU <hidden_size = 4> (x, w, r, , , state)
        }""",
        batch=5,
        w=(1, 12, 8),
        r=(1, 12, 4),
    )
    assert plan.shape("state") == (1, 5, 4)


@pytest.mark.parametrize(
    ("operator", "weight", "shape"), [("MatMul", (8, 4), (1, 8)), ("Conv", (4, 3, 3, 3), (1, 3, 64, 64))]
)
def test_an_unknown_rank_is_that_of_the_weights(parsed, planned_model, operator, weight, shape):
    made = parsed(f"g (float[1] x) => (y) {{ y = {operator}(x, w) }}", w=weight)
    made.graph.input[0].type.tensor_type.ClearField("shape")
    assert planned_model(made).shape("x") == shape


def test_sound_is_long(planned):
    plan = planned(
        """g (float[batch, time] x) => (y) { a = Unsqueeze(x, one) y = Conv(a, w) }""",
        one=[1],
        w=(4, 1, 400),
    )
    assert plan.shape("x") == (1, 16000)
    assert plan.fill("x").high == 0.1
