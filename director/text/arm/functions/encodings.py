"""Functions that encode and decode: base64, JSON, data URIs, URIs.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-string.md @0aa2b14aec0e.
"""

import base64
import binascii
import re

from director.text.arm import json_text
from director.text.arm.budget import check_size
from director.text.arm.failures import ExpressionError
from director.text.arm.functions import uris
from director.text.arm.functions.function import Function, FunctionArguments, by_name, fixed
from director.text.arm.values import Value, compact_json, quoted

_DATA_URI = re.compile(r"data:([^,]*),(.*)\Z", re.DOTALL | re.IGNORECASE)


def _base64(arguments: FunctionArguments) -> Value:
    return base64.b64encode(arguments.text(0).encode(errors="replace")).decode()


def _base64_to_string(arguments: FunctionArguments) -> Value:
    return _decoded(_only_text(arguments), arguments.name)


def _base64_to_json(arguments: FunctionArguments) -> Value:
    return json_text.read_value(_decoded(_only_text(arguments), arguments.name))


def _json(arguments: FunctionArguments) -> Value:
    return json_text.read_value(arguments.text(0))


def _data_uri(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    kind = "text/plain" if isinstance(value, str) else "application/json"
    text = value if isinstance(value, str) else compact_json(value)
    return f"data:{kind};charset=utf8;base64,{base64.b64encode(text.encode(errors='replace')).decode()}"


def _data_uri_to_string(arguments: FunctionArguments) -> Value:
    text = _only_text(arguments)
    found = _DATA_URI.match(text)
    if not found:
        raise arguments.error(
            "expects its parameter to be formatted as a valid data "
            f"URI. The provided value '{quoted(arguments.any(0))}' was not formatted correctly."
        )
    if not found.group(1).lower().endswith(";base64"):
        return uris.unescape(found.group(2))
    try:
        return base64.b64decode(found.group(2), validate=True).decode(errors="replace")
    except binascii.Error as error:
        raise arguments.error(
            "was invoked with a parameter that is not valid: the value cannot be decoded from base64 representation."
        ) from error


def _uri(arguments: FunctionArguments) -> Value:
    start, relative = arguments.text(0), arguments.text(1)
    if not uris.is_absolute(start):
        raise arguments.error(
            f"expects its first argument to be a uri string. The provided value is '{quoted(arguments.any(0))}'."
        )
    return uris.resolve(start, relative)


def _uri_component(arguments: FunctionArguments) -> Value:
    text = arguments.text(0)
    check_size(3 * len(text))
    return uris.escape(text)


def _uri_component_to_string(arguments: FunctionArguments) -> Value:
    return uris.unescape(arguments.text(0))


def _build_uri(arguments: FunctionArguments) -> Value:
    return uris.build(arguments.object(0))


def _parse_uri(arguments: FunctionArguments) -> Value:
    return uris.parse(arguments.text(0))


def _only_text(arguments: FunctionArguments) -> str:
    value = arguments.known(0)
    if isinstance(value, str):
        return value
    raise arguments.unexpected(value, "its parameter to be a string")


def _decoded(text: str, function: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError) as error:
        raise ExpressionError(
            f"The template language function '{function}' was invoked with a parameter that is not valid. "
            "The value cannot be decoded from base64 representation."
        ) from error


def _base64_arity(name: str, count: int) -> str:
    return f"The template language function '{name}' must have only one parameter. '{count}' were provided."


FUNCTIONS = by_name(
    (
        Function(name="base64", least=1, most=1, run=_base64, arity_error=_base64_arity),
        fixed("base64ToString", 1, _base64_to_string),
        fixed("base64ToJson", 1, _base64_to_json),
        fixed("json", 1, _json),
        fixed("dataUri", 1, _data_uri),
        fixed("dataUriToString", 1, _data_uri_to_string),
        fixed("uri", 2, _uri),
        fixed("uriComponent", 1, _uri_component),
        fixed("uriComponentToString", 1, _uri_component_to_string),
        fixed("buildUri", 1, _build_uri),
        fixed("parseUri", 1, _parse_uri),
    )
)
