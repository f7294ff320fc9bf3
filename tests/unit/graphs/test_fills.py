"""What inputs are filled with, on small graphs that stand for what exporters write."""

import numpy as np
import pytest


def test_ids_stay_inside_the_vocabulary(planned):
    plan = planned(
        "g (int64[batch, n] ids) => (float[batch, n, 8] y) { y = Gather(table, ids) }", table=(77, 8)
    )
    assert (plan.fill("ids").kind, plan.fill("ids").high, plan.fill("ids").sure) == ("integers", 77, True)
    assert plan.reason("ids") == "< 77: Gather on `table`"


@pytest.mark.parametrize("kind", ["int32", "int64"])
def test_ids_are_followed_through_casts_reshapes_and_sums(planned, kind):
    plan = planned(
        f"""g ({kind}[batch, n] ids) => (y) {{
            a = Cast <to = 7> (ids)
            b = Reshape(a, flat)
            c = Unsqueeze(b, axis)
            d = Add(c, two)
            y = Gather(table, d)
        }}""",
        table=(77, 8),
        flat=[-1],
        axis=[0],
        two=np.int64(2),
    )
    assert plan.fill("ids").high == 75
    assert plan.inputs["ids"].type == f"tensor({kind})"


def test_ids_may_be_carried_in_floats(planned):
    plan = planned(
        "g (float[batch, n] ids) => (y) { a = Cast <to = 7> (ids) y = Gather(table, a) }", table=(77, 8)
    )
    assert plan.fill("ids").kind == "integers"
    assert plan.fill("ids").high == 77


def test_floats_that_are_gathered_from_are_no_ids(planned):
    plan = planned(
        "g (float[batch, 8] x) => (y) { y = Gather <axis = 1> (x, places) }", places=np.array([0, 3])
    )
    assert plan.fill("x").kind == "normal"


def test_negative_ids_that_are_raised_by_the_vocabulary_are_still_ids(planned):
    # Keras writes x + (x < 0) * V before it gathers.
    plan = planned(
        """g (float[batch, n] ids) => (y) {
            a = Cast <to = 7> (ids)
            low = Less(a, zero)
            up = Add(a, v)
            b = Where(low, up, a)
            y = Gather(table, b)
        }""",
        table=(77, 8),
        zero=np.int64(0),
        v=np.int64(77),
    )
    assert plan.fill("ids").high == 77


def test_the_smallest_of_several_tables_bounds(planned):
    plan = planned(
        """g (int64[batch, n] ids) => (y, z) { y = Gather(large, ids) z = Gather(small, ids) }""",
        large=(77, 8),
        small=(12, 8),
    )
    assert plan.fill("ids").high == 12


def test_parts_of_one_input_are_bounded_as_well(planned):
    plan = planned(
        "g (int64[batch, 2, n] ids) => (y) { a = Gather <axis = 1> (ids, one) y = Gather(table, a) }",
        table=(77, 8),
        one=np.int64(1),
    )
    assert plan.fill("ids").high == 77


def test_numbers_that_are_made_one_hot_are_bounded_by_how_many_there_are(planned):
    plan = planned(
        "g (int32[batch, n] x) => (bool[batch, n, 257] y) { a = Unsqueeze(x, last) y = Equal(a, all) }",
        last=[-1],
        all=np.arange(257, dtype=np.int32),
    )
    assert plan.fill("x").high == 257


def test_positions_count_and_stay_inside_their_table(planned):
    plan = planned(
        "g (int64[batch, n] position_ids) => (y) { y = Gather(table, position_ids) }", table=(512, 8)
    )
    assert (plan.fill("position_ids").kind, plan.fill("position_ids").high) == ("positions", 512)


def test_token_types_are_bounded_by_their_table(planned):
    plan = planned(
        "g (int64[batch, n] token_type_ids) => (y) { y = Gather(table, token_type_ids) }", table=(2, 8)
    )
    assert plan.fill("token_type_ids").high == 2


def test_a_mask_is_known_by_what_is_done_with_it(planned):
    plan = planned(
        """g (int64[batch, n] x) => (y) {
            a = Cast <to = 1> (x)
            b = Sub(one, a)
            y = Mul(b, huge)
        }""",
        one=np.float32(1),
        huge=np.float32(-1e9),
    )
    assert plan.fill("x").kind == "mask"
    assert "1 - mask" in plan.reason("x")


def test_whole_numbers_that_are_cast_to_bool_are_a_mask(planned):
    plan = planned(
        """g (int64[batch, n] x, float[batch, n] v) => (y) {
            a = Cast <to = 9> (x)
            y = Where(a, v, zero)
        }""",
        zero=np.float32(0),
    )
    assert plan.fill("x").kind == "mask"


@pytest.mark.parametrize("kind", ["int64", "int32", "float"])
def test_a_mask_is_known_by_its_name(planned, kind):
    plan = planned(f"g ({kind}[batch, n] attention_mask) => (y) {{ y = Identity(attention_mask) }}")
    assert plan.fill("attention_mask").kind == "mask"


def test_lengths_stay_within_the_sequence(planned):
    plan = planned(
        """g (float[steps, batch, 8] x, int32[batch] n) => (y) {
            y = LSTM <hidden_size = 4> (x, w, r, , n)
        }""",
        w=(1, 16, 8),
        r=(1, 16, 4),
    )
    assert (plan.fill("n").kind, plan.fill("n").high_of) == ("lengths", "steps")


def test_lengths_are_known_by_their_name(planned):
    plan = planned(
        "g (float[batch, time, 80] x, int64[batch] x_lens) => (y, z) { y = Identity(x) z = Identity(x_lens) }"
    )
    assert (plan.fill("x_lens").kind, plan.fill("x_lens").high_of) == ("lengths", "time")


def test_indices_stay_below_the_size_of_another_input(planned):
    plan = planned("g (float[rows, 8] x, int64[k] i) => (y) { y = Gather(x, i) }")
    assert (plan.fill("i").kind, plan.fill("i").high_of) == ("integers", "rows")


def test_a_scalar_is_what_the_graph_compares_it_with(planned):
    plan = planned(
        """g (float[batch, n] x, int64 rate) => (y) {
            c = Equal(rate, wide)
            y = If (c) <
                then_branch = a () => (float[batch, n] t) { t = Identity(x) },
                else_branch = b () => (float[batch, n] e) { e = Neg(x) }
            >
        }""",
        wide=np.int64(16000),
    )
    assert plan.inputs["rate"].shape == ()
    assert plan.fill("rate").values == (16000,)


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("sr", "int64", (16000,)),
        ("length_scale", "float", (1.0,)),
        ("fmin", "float", (0.0,)),
        ("max_level", "float", (1000.0,)),
    ],
)
def test_scalars_are_known_by_their_name(planned, name, kind, values):
    assert planned(f"g ({kind} {name}) => (y) {{ y = Identity({name}) }}").fill(name).values == values


@pytest.mark.parametrize(
    ("kind", "expected", "high"),
    [
        ("uint8", "integers", 256),
        ("bool", "integers", 2),
        ("string", "text", None),
        ("float16", "uniform", 1.0),
        ("double", "uniform", 1.0),
    ],
)
def test_images_are_known_by_type_rank_and_channels(planned, kind, expected, high):
    fill = planned(f"g ({kind}[batch, 3, h, w] x) => (y) {{ y = Identity(x) }}").fill("x")
    assert (fill.kind, fill.high) == (expected, high)


def test_an_initializer_among_the_inputs_is_not_fed(planned):
    plan = planned("g (float[batch, 8] x, float[8] b) => (y) { y = Add(x, b) }", b=(8,))
    assert list(plan.inputs) == ["x"]


def test_a_sequence_has_the_shape_of_its_elements(planned):
    plan = planned("g (seq(float[2, 3]) x) => (y) { y = ConcatFromSequence <axis = 0> (x) }")
    assert plan.inputs["x"].type == "seq(tensor(float))"
    assert plan.inputs["x"].shape == (2, 3)
    assert plan.inputs["x"].count == 2


def test_an_optional_input_is_left_out(planned):
    plan = planned("g (optional(float[2]) x) => (bool y) { y = OptionalHasElement(x) }")
    assert plan.fill("x").kind == "absent"


@pytest.mark.parametrize(
    ("operator", "low", "high"),
    [("Log", 0.1, 2.0), ("Sqrt", 0.1, 2.0), ("Acosh", 1.0, 3.0), ("Atanh", -0.9, 0.9)],
)
def test_functions_get_what_they_are_defined_for(planned, operator, low, high):
    fill = planned(f"g (float[batch, 8] x) => (y) {{ y = {operator}(x) }}").fill("x")
    assert (fill.kind, fill.low, fill.high) == ("uniform", low, high)


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("g (float[2, 6] x, int64[2] s) => (float[3, 4] y) { y = Reshape(x, s) }", "s", (3, 4)),
        ("g (float[1, 6] x, int64[2] s) => (float[3, 6] y) { y = Expand(x, s) }", "s", (3, 6)),
        ("g (float[2, 6] x, int64[2] n) => (float[4, 6] y) { y = Tile(x, n) }", "n", (2, 1)),
        ("g (float[2, 6] x, int64[1] a) => (float[2, 1, 6] y) { y = Unsqueeze(x, a) }", "a", (1,)),
        ("g (float[2, 1, 6] x, int64[1] a) => (float[2, 6] y) { y = Squeeze(x, a) }", "a", (1,)),
        ("g (float[2, 6] x, int64[1] a) => (float[2, 1] y) { y = ReduceSum(x, a) }", "a", (1,)),
        ("g (float[2, 6] x, int64[4] p) => (float[2, 8] y) { y = Pad(x, p) }", "p", (0, 0, 0, 2)),
        ("g (float[6] x, int64[2] s) => (float[2] a, float[4] b) { a, b = Split(x, s) }", "s", (2, 4)),
        ("g (float[6] x, int64[1] k) => (float[3] v, int64[3] i) { v, i = TopK(x, k) }", "k", (3,)),
        ("g (int64[4] s) => (float[2, 3, 1, 5] y) { y = ConstantOfShape(s) }", "s", (2, 3, 1, 5)),
        ("g (int64 a, int64 b, int64 c) => (int64[5] y) { y = Range(a, b, c) }", "b", (5,)),
        ("g (float[4] x, int64[1] b, int64[1] e) => (float[3] y) { y = Slice(x, b, e) }", "e", (3,)),
        (
            "g (float[1, 1, 2, 4] x, float[4] s) => (float[1, 1, 4, 8] y) { y = Resize(x, , s) }",
            "s",
            (1.0, 1.0, 2.0, 2.0),
        ),
    ],
)
def test_shapes_axes_and_counts_agree_with_the_declared_result(planned, text, name, values):
    assert planned(text).fill(name).values == values
