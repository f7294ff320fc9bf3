"""Quantize ``digits-cnn.onnx`` to eight bits and write ``digits-cnn-int8.onnx`` beside this script."""

import hashlib
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from digits import split_digits
from onnx_file import accuracy, run, save
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

_SOURCE = Path(__file__).with_name("digits-cnn.onnx")
_OUTPUT = Path(__file__).with_name("digits-cnn-int8.onnx")
_CALIBRATION_BATCH = 64


class TrainingImages(CalibrationDataReader):
    """Hands the training images to the quantizer, which notes the range of every activation."""

    def __init__(self, images: npt.NDArray[np.float32]) -> None:
        starts = range(0, len(images), _CALIBRATION_BATCH)
        self._batches = (images[start : start + _CALIBRATION_BATCH] for start in starts)

    def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
        """Return the next feed; None when there is no more."""
        batch = next(self._batches, None)
        return None if batch is None else {"image": batch}


def quantize(source: Path, images: npt.NDArray[np.float32]) -> onnx.ModelProto:
    """Quantize weights per channel and activations per tensor, with the ranges seen on ``images``.

    Weights keep seven bits: on x86 processors without VNNI, sums of products of eight bits saturate silently,
    and the accuracy would depend on the machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared, quantized = Path(folder, "prepared.onnx"), Path(folder, "quantized.onnx")
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            quantized,
            TrainingImages(images),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            calibrate_method=CalibrationMethod.MinMax,
        )
        return onnx.load(quantized)


def main() -> None:
    """Quantize, and write the model with the hash of the one it was made from."""
    training, held_out = split_digits()
    model = quantize(_SOURCE, training.images())
    source_hash = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()
    notes = {"script": Path(__file__).name, "source": _SOURCE.name, "source_sha256": source_hash}
    save(model, _OUTPUT, accuracy(run(model, held_out.images()), held_out), notes)


if __name__ == "__main__":
    main()
