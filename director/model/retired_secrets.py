"""Names of values that a rotation replaced and that are kept until they are proved to be refused.

Takes a secret's whole name, gives the name of its retired value.
"""

_SUFFIX = "@old"
"""No variable's name has an `@`."""


def retired_name(name: str) -> str:
    """The name under which the vault keeps the value that `name` had before its rotation."""
    return f"{name}{_SUFFIX}"


def name_of(retired: str) -> str:
    """The secret whose retired value has this name."""
    return retired.removesuffix(_SUFFIX)


def is_retired(name: str) -> bool:
    """Whether it is the name of a retired value."""
    return name.endswith(_SUFFIX)
