import pytest

from pytest_energy.gate.operators import explain_growth
from pytest_energy.results.operators import OperatorProfile, OperatorShare

CPU = "CPUExecutionProvider"


def profile(*nodes, provider=CPU):
    """A profile of ``name op_type weight``; weights are scaled to shares."""
    rows = [node.split() for node in nodes]
    total = sum(float(weight) for *_, weight in rows)
    return OperatorProfile(
        operators=tuple(
            OperatorShare(name=name, op_type=op_type, provider=provider, share=float(weight) / total)
            for name, op_type, weight in rows
        )
    )


def layers(op_type, numbers, weight):
    return [f"{op_type}_{number} {op_type} {weight}" for number in numbers]


def test_one_node_that_grew_is_named():
    before = profile("a Conv 50", "b MatMul 50")
    after = profile("a Conv 50", "b MatMul 84")
    assert explain_growth(before, after, 1.34) == ("MatMul (b): +34 % of the old step",)


def test_a_run_of_layers_that_grew_is_told_as_a_range():
    rest = ["in Gather 20", *layers("Conv", range(12), 5)]
    before = profile(*rest, *layers("Conv", range(12, 20), 2.5))
    after = profile(*rest, *layers("Conv", range(12, 20), 6.75))
    assert explain_growth(before, after, 1.34) == ("8 Conv (Conv_12..Conv_19): +34 % of the old step",)


def test_layers_with_one_part_in_the_network_are_told_apart_from_others():
    query = [f"/layer.{number}/query/MatMul MatMul 2" for number in range(10)]
    before = profile(*query, *(f"/layer.{number}/mlp/MatMul MatMul 8" for number in range(10)))
    after = profile(*query, *(f"/layer.{number}/mlp/MatMul MatMul 10" for number in range(10)))
    assert explain_growth(before, after, 1.2) == (
        "10 MatMul (/layer.0/mlp/MatMul../layer.9/mlp/MatMul): +20 % of the old step",
    )


def test_more_layers_are_counted():
    before = profile(*layers("MatMul", range(3), 30), "x Relu 10")
    after = profile(*layers("MatMul", range(6), 30), "x Relu 10")
    assert explain_growth(before, after, 1.9) == (
        "3 more MatMul (MatMul_3..MatMul_5): +90 % of the old step",
    )


def test_more_layers_are_counted_although_all_were_renamed():
    before = profile(*layers("MatMul", range(3), 30))
    after = profile(*(f"n{number} MatMul 30" for number in range(4)))
    assert explain_growth(before, after, 4 / 3) == ("1 more MatMul: +33 % of the old step",)


def test_a_quantized_layer_that_is_no_longer_one():
    before = profile("c1 QLinearConv 40", "c2 QLinearConv 40", "d DequantizeLinear 10", "p NhwcMaxPool 10")
    after = profile("c1 QLinearConv 40", "relu2 Conv 90", "q DequantizeLinear 10", "p MaxPool 10")
    assert explain_growth(before, after, 1.5) == ("QLinearConv became Conv (relu2): +50 % of the old step",)


def test_a_substitution_with_other_numbers_of_nodes():
    before = profile("a MatMulInteger 50", "b MatMulInteger 50")
    after = profile("x Gemm 50", "y Gemm 50", "z Gemm 50")
    assert explain_growth(before, after, 1.5) == ("2 MatMulInteger became 3 Gemm: +50 % of the old step",)


def test_one_name_with_another_operator_is_a_substitution():
    before, after = profile("act Relu 50", "m MatMul 50"), profile("act Erf 90", "m MatMul 50")
    assert explain_growth(before, after, 1.4) == ("Relu became Erf (act): +40 % of the old step",)


def test_new_and_vanished_operators_are_told_with_what_they_weigh():
    before = profile("m MatMul 80", "g FusedGelu 20")
    after = profile("m MatMul 80", *(f"cast_{number} Cast 10" for number in range(4)))
    assert explain_growth(before, after, 1.2) == (
        "4 new Cast (cast_0..cast_3): +40 % of the old step",
        "FusedGelu vanished (g): -20 % of the old step",
    )


def test_fewer_nodes_of_a_kind_that_stays():
    before = profile("a Conv 40", "b Conv 20", "m MatMul 40")
    after = profile("a Conv 40", "m MatMul 120")
    assert explain_growth(before, after, 1.6) == (
        "MatMul (m): +80 % of the old step",
        "1 fewer Conv (b): -20 % of the old step",
    )


def test_nodes_that_fell_back_to_another_provider():
    before = profile("a Conv 50", "b Conv 50", provider="OpenVINOExecutionProvider")
    after = profile("a Conv 80", "b Conv 80")
    assert explain_growth(before, after, 1.6) == (
        "2 Conv moved from OpenVINO to CPU (a and b): +60 % of the old step",
    )


def test_nodes_that_swapped_their_numbers_did_not_grow():
    before = profile("MatMul_0 MatMul 60", "MatMul_2 MatMul 20", "s Softmax 20")
    after = profile("MatMul_2 MatMul 60", "MatMul_4 MatMul 20", "s Softmax 50")
    assert explain_growth(before, after, 1.3) == ("Softmax (s): +30 % of the old step",)


def test_what_grew_everywhere_alike_is_said_so():
    kinds = ("Add", "Mul", "Sub", "Div", "Erf", "Exp", "Log", "Abs", "Neg", "Tanh")
    even = profile(*(f"n{kind} {kind} 1" for kind in kinds))
    assert explain_growth(even, even, 1.1) == ("all operators grew alike: +10 % of the old step",)


def test_what_grew_a_little_here_and_there_is_said_so():
    kinds = [f"Op{letter}" for letter in "abcdefghijklmnopqrst"]
    before = profile(*(f"n {kind} 5" for kind in kinds))
    after = profile(*(f"n {kind} {5 + number % 2 * 2}" for number, kind in enumerate(kinds)))
    told = explain_growth(before, after, 1.2)
    assert told == ("many operators, a little each: +20 % of the old step",)


def test_what_is_left_over_by_the_sentences_is_told():
    small = [f"Op{letter}" for letter in "abcdefghijklmnopqrst"]
    before = profile("c Conv 60", *(f"n {kind} 2" for kind in small))
    after = profile(
        "c Conv 68", *(f"n {kind} 3" for kind in small[:10]), *(f"n {kind} 2.4" for kind in small[10:])
    )
    told = explain_growth(before, after, 1.22)
    assert told == ("Conv (c): +8 % of the old step", "many operators, a little each: +14 % of the old step")


def test_no_more_digits_than_a_profile_knows():
    before, after = profile("a Conv 1"), profile("a Conv 1")
    assert explain_growth(before, after, 13.456) == ("Conv (a): +1200 % of the old step",)
    assert explain_growth(before, after, 1.0678) == ("Conv (a): +7 % of the old step",)


def test_a_long_name_keeps_its_end():
    name = "/a/very" * 20 + "/query/MatMul"
    (told,) = explain_growth(profile(f"{name} MatMul 1"), profile(f"{name} MatMul 1"), 1.5)
    assert "query/MatMul): +50 %" in told
    assert len(told) < 100


def test_names_that_have_nothing_in_common_are_not_all_listed():
    names = ("first", "second", "third", "fourth")
    before = profile("m MatMul 100")
    after = profile("m MatMul 100", *(f"{name} Cast 10" for name in names))
    assert explain_growth(before, after, 1.4) == (
        "4 new Cast (first, second and 2 others): +40 % of the old step",
    )


@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.02])
def test_what_did_not_grow_needs_no_words(ratio):
    assert explain_growth(profile("a Conv 1"), profile("b MatMul 1"), ratio) == ()


def test_without_a_profile_there_is_nothing_to_say():
    assert explain_growth(OperatorProfile(), profile("a Conv 1"), 2.0) == ()
    assert explain_growth(profile("a Conv 1"), OperatorProfile(), 2.0) == ()
