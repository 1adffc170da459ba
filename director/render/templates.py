"""The text that Jinja makes of a template.

Takes a template's text and what it sees, gives text or a failure. Jinja runs in its sandbox, without files and with
bounded output.
"""

import itertools
import json
import shlex
from collections.abc import Mapping, Sequence
from types import CodeType, TracebackType
from typing import Any

import jinja2
import jinja2.nodes
import jinja2.sandbox
import yaml

from cpi.contract.json_value import JsonValue
from director.model.erb import LARGEST_OUTPUT, TOO_LARGE, ErbFailure, ErbRequest, ErbText
from director.render import properties
from director.render.languages import TemplateContext

_LARGEST_NUMBER = 2**64
_PARTS = 32
"""So many parts of a text are counted and joined at a time: Python's own loop over each of them takes longer."""
_AS_THEY_ARE = frozenset({str, int, float})


class Jinja:
    """Renders Jinja templates, each compiled once; any number of threads may share it.

    Called as an evaluator it renders in this very process, where nothing but the output's length is bounded.
    """

    def __init__(self) -> None:
        self._environment = _environment()
        self._compiled: dict[tuple[str, str], jinja2.Template] = {}

    def __call__(self, request: ErbRequest) -> tuple[ErbText | ErbFailure, ...]:
        links = properties.Links(by_name=request.links, dns=request.dns)
        context = TemplateContext(spec=request.spec, properties=request.properties, links=links)
        return tuple(self.render(template.name, template.text, context) for template in request.templates)

    def render(self, name: str, text: str, context: TemplateContext) -> ErbText | ErbFailure:
        """The text Jinja makes, or where and why it cannot."""
        try:
            return ErbText(content=_bounded(self._template(name, text), context))
        except jinja2.TemplateSyntaxError as error:
            return ErbFailure(line=error.lineno, message=error.message or "syntax error")
        except MemoryError as error:
            return ErbFailure(line=_line_of(error.__traceback__, name), message="it exceeds its memory limit")
        except properties.MissingError as error:
            return ErbFailure(
                line=_line_of(error.__traceback__, name),
                message=str(error),
                names=error.names,
                is_of_link=error.is_of_link,
            )
        # What the expressions of a template can raise; any other exception is a bug and must not be hidden.
        except (
            jinja2.TemplateError,
            ArithmeticError,
            AttributeError,
            LookupError,
            RecursionError,
            TimeoutError,
            TypeError,
            ValueError,
            yaml.YAMLError,
        ) as error:
            message = str(error) or type(error).__name__
            return ErbFailure(line=_line_of(error.__traceback__, name), message=message)

    def _template(self, name: str, text: str) -> jinja2.Template:
        known = self._compiled.get((name, text))
        if known is None:
            # A macro's or block's frames carry this name, which is how the failing line is found.
            code = self._environment.compile(text, name=name, filename=name)
            assert isinstance(code, CodeType)
            known = jinja2.Template.from_code(self._environment, code, self._environment.make_globals(None))
            self._compiled[name, text] = known
        return known


def syntax_tree(name: str, text: str) -> jinja2.nodes.Template:
    """The template as Jinja reads it. Raises jinja2.TemplateSyntaxError."""
    return _environment().parse(text, name=name, filename=name)


class _Sandbox(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """Jinja's sandbox, where arithmetic cannot fill the memory either."""

    intercepted_binops = frozenset({"*", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        # A group may look at each of its members from each of its members, and the sandbox's own look takes long.
        if type(obj) is properties.LinkInstance and attribute in properties.PLAIN_FIELDS:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context: jinja2.runtime.Context, operator: str, *operands: Any) -> Any:
        left, right = operands
        if operator == "**" and isinstance(right, int) and abs(right) > 64:
            raise jinja2.TemplateRuntimeError("a power above 64 is not allowed")
        if operator == "*" and _product_size(left, right) > _LARGEST_NUMBER:
            raise jinja2.TemplateRuntimeError("a product this large is not allowed")
        if operator == "*" and not _is_number(left, right) and _product_size(left, right) > LARGEST_OUTPUT:
            raise jinja2.TemplateRuntimeError("a repetition this long is not allowed")
        return super().call_binop(context, operator, *operands)


def _environment() -> _Sandbox:
    environment = _Sandbox(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False, finalize=_finalize
    )
    environment.filters.update(json=_as_json, yaml=_as_yaml, shell=_as_shell)
    return environment


def _bounded(template: jinja2.Template, context: TemplateContext) -> str:
    texts: list[str] = []
    size = 0
    parts = template.generate(context.names())
    while some := tuple(itertools.islice(parts, _PARTS)):
        size += sum(map(len, some))
        if size > LARGEST_OUTPUT:
            raise jinja2.TemplateRuntimeError(TOO_LARGE)
        texts.append("".join(some))
    return "".join(texts)


def _finalize(value: object) -> object:
    """Print null and booleans as Ruby does; refuse what has no one way to be printed."""
    if type(value) in _AS_THEY_ARE or isinstance(value, jinja2.Undefined | str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        raise jinja2.TemplateRuntimeError("a list or a map is printed: use the filter json or yaml, or join it")
    if callable(value) or isinstance(value, properties.Properties):
        raise jinja2.TemplateRuntimeError("a value without text form is printed: call it, or name one of its fields")
    return value


def _as_json(value: JsonValue, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _as_yaml(value: JsonValue) -> str:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False, width=2**31)
    return text.removesuffix("...\n").removesuffix("\n")


def _as_shell(value: JsonValue) -> str:
    """One word of a shell command; a list becomes as many words as it has members."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(_as_shell(member) for member in value)
    if isinstance(value, Mapping):
        raise jinja2.TemplateRuntimeError("a map is not allowed in a shell command")
    return shlex.quote(str(_finalize(value)))


def _is_number(*values: object) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _product_size(left: object, right: object) -> float:
    return _size(left) * _size(right)


def _size(value: object) -> float:
    if isinstance(value, int | float):
        return abs(value)
    return len(value) if isinstance(value, str | list | tuple) else 0


def _line_of(trace: TracebackType | None, name: str) -> int:
    """The innermost line of the template among the frames."""
    line = 0
    while trace:
        if trace.tb_frame.f_code.co_filename == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
