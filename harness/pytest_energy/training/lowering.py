"""Lowering: what the recorded operators are chosen for."""

from enum import StrEnum


class Lowering(StrEnum):
    """How the same mathematics is written in operators.

    Attributes:
        CPU: What ONNX Runtime's CPU provider runs fastest.
        PORTABLE: What accelerators run as well: normalisations decomposed, no indices from pooling.
    """

    CPU = "cpu"
    PORTABLE = "portable"
