"""ONNX Runtime, in worker processes of its own: the only room that imports it."""
