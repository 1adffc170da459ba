"""Functions on strings; those that take arrays as well are in collections.py.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-string.md @0aa2b14aec0e.
"""

from director.text.arm.budget import check_size
from director.text.arm.failures import ExpressionError
from director.text.arm.functions import composite_format
from director.text.arm.functions.function import Function, FunctionArguments, by_name, fixed, ranged, render
from director.text.arm.values import Value, is_integer, quoted, type_name

_MAX_PAD = 16


def _ends_with(arguments: FunctionArguments) -> Value:
    text, end = arguments.two_texts()
    return text.lower().endswith(end.lower())


def _starts_with(arguments: FunctionArguments) -> Value:
    text, start = arguments.two_texts()
    return text.lower().startswith(start.lower())


def _format(arguments: FunctionArguments) -> Value:
    values = [arguments.known(index) for index in range(1, len(arguments))]
    return composite_format.format_text(arguments.text(0), values)


def _join(arguments: FunctionArguments) -> Value:
    separator = arguments.text(1)
    pieces = [render(each) for each in arguments.array(0)]
    check_size(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def _pad_left(arguments: FunctionArguments) -> Value:
    source = arguments.known(0)
    if not isinstance(source, str) and not is_integer(source):
        raise _bad_padding(
            "the first parameter is invalid. The source string must be a String or integer type, "
            f"while '{type_name(source)}' was provided."
        )
    width, pad = arguments.integer(1), " "
    if len(arguments) > 2:
        pad = _padding(arguments.known(2))
    if not 0 < width <= _MAX_PAD:
        raise _bad_padding(
            f"Total width must be a positive integer value and not greater than '{_MAX_PAD}', "
            f"while '{width:d}' was provided."
        )
    return render(source).rjust(width, pad)


def _padding(value: Value) -> str:
    if not isinstance(value, str):
        raise _bad_padding(f"The padding character must be a string type, while '{type_name(value)}' was provided.")
    if len(value) != 1:
        raise _bad_padding(f"The padding character must be a single character, while '{quoted(value)}' was provided.")
    return value


def _bad_padding(why: str) -> ExpressionError:
    return ExpressionError(f"Unable to evaluate template language function 'padLeft': {why}")


def _replace(arguments: FunctionArguments) -> Value:
    text, old, new = arguments.text(0), arguments.text(1), arguments.text(2)
    if not old:
        raise arguments.error("expects a text to replace.")
    check_size(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _split(arguments: FunctionArguments) -> Value:
    text, separator = arguments.known(0), arguments.known(1)
    if not isinstance(text, str):
        arguments.refuse_type(0, "String")
    separators = [separator] if isinstance(separator, str) else separator
    if not isinstance(separators, list) or not all(isinstance(each, str) for each in separators):
        arguments.refuse_type(1, "String or Array of Strings")
    pieces = [text]
    for each in separators:
        if isinstance(each, str) and each:
            pieces = [part for piece in pieces for part in piece.split(each)]
    return list(pieces)


def _string(arguments: FunctionArguments) -> Value:
    return render(arguments.known(0))


def _substring(arguments: FunctionArguments) -> Value:
    text, start = arguments.text(0), arguments.integer(1)
    length = arguments.integer(2) if len(arguments) > 2 else len(text) - start
    if start < 0 or length < 0 or start + length > len(text):
        raise ExpressionError(
            "The index and length parameters must refer to a location within the string. The index parameter: "
            f"'{start:d}', the length parameter: '{length:d}', the length of the string parameter: '{len(text)}'."
        )
    return text[start : start + length]


def _to_lower(arguments: FunctionArguments) -> Value:
    return arguments.text(0).lower()


def _to_upper(arguments: FunctionArguments) -> Value:
    return arguments.text(0).upper()


def _trim(arguments: FunctionArguments) -> Value:
    return arguments.text(0).strip()


def _pad_left_arity(name: str, count: int) -> str:
    return (
        f"Unable to evaluate template language function '{name}': function requires minimum two and maximum three "
        f"arguments while '{count}' was provided. The syntax is padLeft(string, totalWidth [, paddingChar])."
    )


def _split_arity(name: str, count: int) -> str:
    return f"The template language function '{name}' expects exactly '2' parameters. '{count}' were provided."


FUNCTIONS = by_name(
    (
        fixed("endsWith", 2, _ends_with),
        fixed("startsWith", 2, _starts_with),
        ranged("format", 1, None, run=_format),
        fixed("join", 2, _join),
        Function(name="padLeft", least=2, most=3, run=_pad_left, arity_error=_pad_left_arity),
        fixed("replace", 3, _replace),
        Function(name="split", least=2, most=2, run=_split, arity_error=_split_arity),
        fixed("string", 1, _string),
        ranged("substring", 2, 3, run=_substring),
        fixed("toLower", 1, _to_lower),
        fixed("toUpper", 1, _to_upper),
        fixed("trim", 1, _trim),
    )
)
