"""Agreement with the CPU provider: a provider that computes something else is not measured.

Deviations are taken relative to the largest entry of an output: where entries cancel to almost nothing, their
own relative error says nothing. What is allowed depends on what the arithmetic can hold:

- float32: 1e-3, the relative tolerance of ONNX's own backend tests. A product in TF32, which GPUs may use for
  float32, has a relative error of up to 4.9e-4.
- float16: 1e-2; it rounds by 4.9e-4, and sums add up. (bfloat16 has no type in numpy: it is not compared.)
- float64: 1e-6; its sums are good to 1e-12, and nothing lets a provider compute less precisely.
- 8-bit integers, and all outputs of models with quantized operators: 5e-2. Where a value lies between two
  quanta, providers may round it either way (1/127 of the range), and layer after layer does so.
- other integers, booleans and text: exactly.

Sources: onnx.backend.test.runner (rtol 1e-3); NVIDIA, "TensorFloat-32 in the A100 GPU" (10 bits of mantissa);
ONNX operator QuantizeLinear (rounding).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import AgreementError
from pytest_energy.results.agreement import Agreement

Outputs = Mapping[str, npt.NDArray[Any]]

QUANTIZED_TOLERANCE = 5e-2
"""For every output of a model with quantized operators."""

_TOLERANCES = {
    "float64": 1e-6,
    "float32": 1e-3,
    "float16": 1e-2,
    "int8": QUANTIZED_TOLERANCE,
    "uint8": QUANTIZED_TOLERANCE,
}
_QUANTIZED = ("QLinear", "QuantizeLinear", "DequantizeLinear", "DynamicQuantize", "MatMulNBits", "QMoE")
_QUANTIZED_ENDING = "Integer"


def is_quantized(op_types: Iterable[str]) -> bool:
    """Whether one of these operators computes with quantized values."""
    return any(name.startswith(_QUANTIZED) or name.endswith(_QUANTIZED_ENDING) for name in op_types)


def agreement(
    outputs: Outputs, expected: Outputs, *, tolerance: float | None, quantized: bool
) -> Agreement | None:
    """Compare what a provider computed with what the CPU provider did.

    Args:
        outputs: What the provider computed, by name.
        expected: What the CPU provider computed.
        tolerance: Allowed fraction of the largest entry, for every output; None for that of its type.
        quantized: Whether the model has quantized operators.

    Returns:
        The output that came nearest to its tolerance; None where nothing can be compared.
    """
    compared = [
        Agreement(
            output=name,
            deviation=deviation(outputs[name], reference),
            tolerance=_tolerance(reference, quantized=quantized) if tolerance is None else tolerance,
            outputs=len(expected),
        )
        for name, reference in expected.items()
        if name in outputs
    ]
    return max(compared, key=_badness, default=None)


def require_agreement(found: Agreement | None, provider: str) -> None:
    """Refuse a provider that computed something else.

    Raises:
        AgreementError: An output deviates by more than its tolerance.
    """
    if found is None or found.deviation <= found.tolerance:
        return
    raise AgreementError(
        f"{provider} computes something else than the CPU provider: the output {found.output!r} deviates by "
        f"{found.deviation:.2g} of its largest entry, and {found.tolerance:g} is allowed. If the model draws "
        'random numbers, set agreement = "off" for it; if the provider computes at a lower precision and '
        'that is wanted, allow more, such as agreement = "5e-2"; else do not trust its figures.'
    )


def deviation(array: npt.NDArray[Any], expected: npt.NDArray[Any]) -> float:
    """Return the largest deviation as a fraction of the largest expected entry by magnitude.

    Two NaNs agree, and so do two equal infinities. Where all that is expected is 0 the deviation is absolute.

    Returns:
        0 or more; infinity where shapes or types differ, or where only one is NaN or infinite.
    """
    if array.dtype.kind == expected.dtype.kind == "U":  # whose types differ by the longest text
        return 0.0 if np.array_equal(array, expected) else float("inf")
    if array.shape != expected.shape or array.dtype != expected.dtype:
        return float("inf")
    one, other = _wide(array), _wide(expected)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    differ, wanted = one[~same], other[~same]
    if not differ.size:
        return 0.0
    finite = np.isfinite(other)
    largest = float(np.abs(other[finite]).max(initial=0.0)) or 1.0
    if not (np.isfinite(differ).all() and np.isfinite(wanted).all()):
        return float("inf")
    return float(np.abs(differ - wanted).max()) / largest


def _wide(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _tolerance(array: npt.NDArray[Any], *, quantized: bool) -> float:
    own = _TOLERANCES.get(array.dtype.name, 0.0)
    return max(own, QUANTIZED_TOLERANCE) if quantized and own else own


def _badness(one: Agreement) -> float:
    if one.tolerance:
        return one.deviation / one.tolerance
    return float("inf") if one.deviation else 0.0
