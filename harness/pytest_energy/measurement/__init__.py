"""How a step is sampled. Knows no ONNX: a step is a callable."""
