"""The pieces all written documents are made of: a strict model, text, counts, free subtrees.

Takes nothing, gives pydantic types. Source: cloudfoundry/bosh director/validation_helper.rb (a number may stand
where text is meant; a boolean may not).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from director.model.secret_ref import Property, SecretRef, SecretText


class Piece(BaseModel):
    """A map in a document: frozen, and with no keys but the known ones.

    `retired` says of keys that older documents had what to write instead. `is_bosh_document` is for whole documents
    that BOSH reads, too: it ignores keys that it does not know, but for those that it refuses (`refused` says what to
    do about them), and in a piece that `is_closed`.
    """

    retired: ClassVar[Mapping[str, str]] = MappingProxyType({})
    refused: ClassVar[Mapping[str, str]] = MappingProxyType({})
    is_closed: ClassVar[bool] = False
    is_bosh_document: ClassVar[bool] = False

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=False, hide_input_in_errors=True, defer_build=True
    )


def _number_as_text(value: object) -> object:
    """A number's text; 2.0 is "2", because BOSH's own tools print it so on its way to the director."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _plain_as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number_as_text(value)


def _null_as_map(value: object) -> object:
    return {} if value is None else value


Text = Annotated[StrictStr, BeforeValidator(_number_as_text), WithJsonSchema({"type": ["string", "number"]})]
PlainText = Annotated[
    StrictStr, BeforeValidator(_plain_as_text), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
"""Text where BOSH prints whatever it finds: a boolean may stand there, too."""
Whole = StrictInt
Flag = StrictBool


class _FreeMap:
    """A map whose content is checked later: properties, cloud properties, env."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_free_map)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "object"}


class _Plain:
    """Plain text or a whole number, nothing else; one message for both."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_text_or_whole)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": ["string", "integer"]}


class _NilOr:
    """The word "nil", or the other member of the union."""

    def __init__(self, piece: type[Piece]) -> None:
        self.piece = piece

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(_nil_or, handler.generate_schema(self.piece))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"const": "nil"}]}


class _OneOrMany:
    """Text, a list of text, or null, which is none: always given as a tuple."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_list, handler.generate_schema(tuple[Text, ...]))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": ["string", "number", "null"]}]}


FreeMap = Annotated[Mapping[str, Property], _FreeMap()]
NullableMap = Annotated[FreeMap, BeforeValidator(_null_as_map), WithJsonSchema({"type": ["object", "null"]})]
TextOrWhole = Annotated[str | int, _Plain()]
OneOrMany = Annotated[tuple[str, ...], _OneOrMany()]
Nil = Literal["nil"]


def nil_or(piece: type[Piece]) -> _NilOr:
    """Mark `piece | Nil` so that a mistake inside the piece is reported once."""
    return _NilOr(piece)


def _free_map(value: object) -> object:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, (SecretRef, SecretText)):
        raise PydanticCustomError("secret_as_map", "Input should be a valid map")
    raise PydanticCustomError("map_type", "Input should be a valid map")


def _text_or_whole(value: object) -> object:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("text_or_whole_type", "Input should be text or a whole number")


def _nil_or(value: object, inner: Any) -> object:
    if value is None:
        raise PydanticCustomError("nil_or_map", "Input should be a map or the word nil")
    return value if value == "nil" else inner(value)


def _as_list(value: object) -> object:
    if value is None:
        return ()
    return [value] if isinstance(value, (str, int)) and not isinstance(value, bool) else value
