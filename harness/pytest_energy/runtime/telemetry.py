"""Telemetry: ONNX Runtime sends nothing home from a worker.

From 1.32 on its wheels would write a device id and a database to the user's cache folder when they are
imported, and keep a thread whose work would be billed to the model.
"""

WITHOUT_TELEMETRY = {"ORT_DISABLE_TELEMETRY": "1"}
"""Environment variables of a process in which it does none of that; older versions know none of them."""
