"""Records to plain JSON values and back."""

from typing import Any, TypeVar

import msgspec

Record = TypeVar("Record")


def to_plain(record: object) -> Any:
    """Turn a frozen record into dicts, lists, strings and numbers."""
    return msgspec.to_builtins(record)


def from_json(text: str) -> Any:
    """Read JSON into plain values, several times as fast as the standard library does.

    Raises:
        ValueError: It is no JSON; NaN and infinity are none.
    """
    return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))


def from_plain(plain: Any, kind: type[Record]) -> Record:
    """Rebuild a record from plain values, checking every type.

    Raises:
        ValueError: A field is missing or has the wrong type; the message names its path.
    """
    # strict: a string is no number; JSON's integers are good floats.
    return msgspec.convert(plain, kind)
