"""pytest-energy: fail the build when the energy or the emissions of an ONNX model regress."""
