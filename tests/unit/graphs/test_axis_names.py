import pytest

from pytest_energy.graphs.axis_names import keyed_shape, roles_of


@pytest.mark.parametrize(
    ("shapes", "roles"),
    [
        ([("batch", "sequence")], {"batch": "batch", "sequence": "length"}),
        (
            [("batch_size", 3, "height", "width")],
            {"batch_size": "batch", "height": "image", "width": "image"},
        ),
        ([("N", 3)], {"N": "batch"}),
        ([("seq_len", "batch", 8)], {"seq_len": "length", "batch": "batch"}),
        ([("unk__6", 8), (2, "unk__6", 128)], {"unk__6": "batch"}),
        ([("batch", "n"), ("rois", 5)], {"batch": "batch", "n": "other", "rois": "other"}),
        ([("x[0]", "x[1]")], {"x[0]": "batch", "x[1]": "other"}),
        ([("sequence[0]", "sequence[1]")], {"sequence[0]": "batch", "sequence[1]": "other"}),
        ([("rows_of_table", 4)], {"rows_of_table": "batch"}),
        ([("examples", 4)], {"examples": "batch"}),
    ],
)
def test_names_and_places_tell_what_axes_stand_for(shapes, roles):
    assert roles_of(shapes) == roles


def test_axes_without_a_name_get_a_key_of_their_own():
    assert keyed_shape("x", (None, "n", -1, 4, "", 0)) == ("x[0]", "n", "x[2]", 4, "x[4]", 0)
