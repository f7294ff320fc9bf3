"""Cases of resizing."""

import numpy as np

from pytest_energy.training.gradient_check import Case

random = np.random.default_rng(9)


def resize(shape, *, scales=None, sizes=None, free=(), **attributes):
    return Case(
        operator="Resize",
        inputs=(
            random.standard_normal(shape),
            None,
            None if scales is None else np.array(scales, np.float32),
            *([] if sizes is None else [np.array(sizes)]),
        ),
        attributes=attributes,
        free=free,
    )


FLOOR = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}

CASES = {
    "Resize of pixels repeated": resize((1, 2, 3, 4), scales=(1, 1, 2, 3), **FLOOR),
    "Resize of pixels repeated by default": resize((1, 2, 3, 4), scales=(1, 1, 3, 2)),
    "Resize of pixels, by sizes": resize((1, 2, 3, 4), sizes=(1, 2, 5, 6)),
    "Resize of pixels, smaller": resize((1, 2, 6, 5), scales=(1, 1, 0.5, 0.6)),
    "Resize between pixels": resize((1, 2, 3, 4), scales=(1, 1, 2, 2), mode="linear"),
    "Resize between pixels, by sizes": resize((1, 2, 4, 5), sizes=(1, 2, 7, 3), mode="linear"),
    "Resize between corners": resize(
        (1, 2, 3, 4), sizes=(1, 2, 6, 7), mode="linear", coordinate_transformation_mode="align_corners"
    ),
    "Resize as PyTorch does": resize(
        (2, 2, 3, 4),
        scales=(1, 1, 1.5, 2),
        mode="linear",
        coordinate_transformation_mode="pytorch_half_pixel",
    ),
    "Resize by cubes": resize((1, 1, 4, 5), scales=(1, 1, 2, 2), mode="cubic", cubic_coeff_a=-0.75),
    "Resize along axes": resize((1, 2, 3, 4), sizes=(6, 2), axes=(2, 3), mode="linear"),
    "Resize of a signal": resize((2, 3, 4), scales=(1, 1, 2), mode="linear"),
    "Resize of a volume": resize((1, 1, 2, 3, 2), scales=(1, 1, 2, 2, 1), mode="linear"),
    "Resize of a free batch": resize((2, 2, 3, 4), scales=(1, 1, 2, 2), mode="linear", free=(0,)),
}
