"""uniqueString and guid: the same text gives the same value everywhere.

Takes texts, gives Azure's own values: the text of a 64-bit Murmur hash, and a UUID of version 5.
"""

import uuid

from director.text.arm.functions.function import FunctionArguments, by_name, ranged
from director.text.arm.values import Value

_NAMESPACE = uuid.UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_MASK = 0xFFFFFFFF
_C1, _C2 = 0x239B961B, 0xAB0E9789


def unique_string(texts: list[str]) -> str:
    """13 characters of base32 for the texts, joined by dashes."""
    number = _murmur("-".join(texts).encode(errors="replace"))
    characters = []
    for _ in range(13):
        characters.append(_ALPHABET[number >> 59])
        number = (number << 5) & 0xFFFFFFFFFFFFFFFF
    return "".join(characters)


def guid(texts: list[str]) -> str:
    """A UUID for the texts, joined by dashes."""
    return str(uuid.uuid5(_NAMESPACE, "-".join(texts)))


def _murmur(raw: bytes) -> int:
    one = other = 0
    whole = len(raw) // 8 * 8
    for at in range(0, whole, 8):
        one ^= _mixed(int.from_bytes(raw[at : at + 4], "little"), _C1, _C2, turn=15)
        one = (_rotated(one, 19) + other) * 5 + 0x561CCD1B & _MASK
        other ^= _mixed(int.from_bytes(raw[at + 4 : at + 8], "little"), _C2, _C1, turn=17)
        other = (_rotated(other, 13) + one) * 5 + 0x0BCAA747 & _MASK
    tail = raw[whole:]
    if tail:
        one ^= _mixed(int.from_bytes(tail[:4], "little"), _C1, _C2, turn=15)
    if len(tail) > 4:
        other ^= _mixed(int.from_bytes(tail[4:], "little"), _C2, _C1, turn=17)
    one ^= len(raw)
    other ^= len(raw)
    one = one + other & _MASK
    other = _final(other + one & _MASK)
    one = _final(one) + other & _MASK
    return (other + one & _MASK) << 32 | one


def _mixed(word: int, first: int, second: int, *, turn: int) -> int:
    return _rotated(word * first & _MASK, turn) * second & _MASK


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & _MASK


def _final(word: int) -> int:
    word = (word ^ word >> 16) * 0x85EBCA6B & _MASK
    word = (word ^ word >> 13) * 0xC2B2AE35 & _MASK
    return word ^ word >> 16


def _unique_string(arguments: FunctionArguments) -> Value:
    return unique_string(arguments.texts())


def _guid(arguments: FunctionArguments) -> Value:
    return guid(arguments.texts())


FUNCTIONS = by_name((ranged("uniqueString", 1, None, run=_unique_string), ranged("guid", 1, None, run=_guid)))
