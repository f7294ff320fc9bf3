"""Session settings: what a user tells ONNX Runtime and an execution provider beyond threads and batch."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Optimization = Literal["all", "extended", "basic", "disabled"]

_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """What an inference session is opened with.

    Attributes:
        optimization: How far ONNX Runtime optimises the graph.
        memory_pattern: Whether it plans all allocations of a step at once.
        device: What a device's description must hold, where a plugin lists several; None for the first kind.
        provider_options: Options of the execution provider, as ONNX Runtime takes them.
        entries: Further configuration entries of the session, e.g. ``session.set_denormal_as_zero``.
    """

    optimization: Optimization = "all"
    memory_pattern: bool = True
    device: str | None = None
    provider_options: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(json.dumps(asdict(self), sort_keys=True))

    @property
    def variant(self) -> str:
        """A short mark of what differs from the built-in settings, safe in a file name; empty for nothing."""
        if self == SessionSettings():
            return ""
        text = json.dumps(asdict(self), sort_keys=True)
        return f"o{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"
