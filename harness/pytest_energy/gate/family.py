"""A family: the files of one model in several precisions, recognised by how their names end."""

import re

_PRECISIONS = (
    "u?int(?:4|8|16)", "[iu]8", "q[48]", "w[48]a(?:8|16)", "fp?(?:8|16|32|64)", "float(?:8|16|32|64)",
    "bf(?:loat)?16", "half", "quant(?:ized)?", "qdq", "qop",
)  # fmt: skip
_ENDING = re.compile(rf"((?:[-_.](?:{'|'.join(_PRECISIONS)}))+)$", re.IGNORECASE)


def family_of(name: str) -> tuple[str, str]:
    """Part the name of a model from the precision that it ends in.

    Args:
        name: What a benchmark is called, usually the model's stem: ``digits-cnn-int8``.

    Returns:
        The name of the family and the precision, ``("digits-cnn", "int8")``; the latter is empty where the
        name does not tell one.
    """
    ending = _ENDING.search(name)
    if ending is None or not ending.start():
        return name, ""
    return name[: ending.start()], ending[0][1:].lower()
