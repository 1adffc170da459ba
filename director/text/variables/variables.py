"""Where variables' values come from: flags, files, environment, a store; and which of them wins.

Takes what was written and read, gives one map of values by name. Highest first: -v, --var-file, -l (a later file over
an earlier one), --vars-env; the store comes after all of these (lookup.py).
Source: cloudfoundry/bosh-cli cmd/opts/var_flags.go, director/template/{var_kv,vars_env_arg,static_vars}.go.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Remark, Source
from director.model.secret_ref import Property
from director.text.yaml import reader


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSources:
    """All plain sources, each in the order of the command line.

    `kvs` are texts "name=value" of -v; `var_files` are named whole files; `vars_files` are maps of -l;
    `env_prefixes` choose from `env`, the environment. None of it is shown in a repr: there may be secrets in it.
    """

    kvs: tuple[str, ...] = field(default=(), repr=False)
    var_files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    vars_files: tuple[Source, ...] = ()
    env_prefixes: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_values(sources: VariableSources) -> Mapping[str, Property]:
    """Give every value by its name; names with a dot have become maps of maps.

    Codes: bad-variable-flag, bad-vars-file, variable-clash.
    """
    flat: dict[str, Property] = {}
    for prefix in sources.env_prefixes:
        flat.update(_read_env(prefix, sources.env))
    for file in sources.vars_files:
        flat.update(read_vars_file(file))
    for name, content in sources.var_files:
        flat[name] = _file_text(name, content)
    for text in sources.kvs:
        name, value = _read_kv(text)
        flat[name] = value
    return _nest(flat)


def read_remarks(sources: VariableSources) -> tuple[Remark, ...]:
    """About parts of the variables files that are not read."""
    return tuple(remark for file in sources.vars_files for remark in reader.read_document(file).remarks)


def read_vars_file(source: Source) -> Mapping[str, Property]:
    """Read a file that maps names to values; an empty one has none."""
    document = reader.read_document(source)
    if document.tree is None:
        return {}
    if not isinstance(document.tree, Mapping):
        raise InputError(
            "bad-vars-file",
            f"Variables file '{source.name}' is not a map.",
            why="Expected a map from variable names to values.",
            fix="Write it as 'name: value', one a line.",
            where=source.name,
        )
    return {str(name): value for name, value in document.tree.items()}


def _read_kv(text: str) -> tuple[str, Property]:
    name, equals, raw = text.partition("=")
    if not name or not equals or not raw:
        raise InputError(
            "bad-variable-flag",
            _kv_problem(name, equals),
            why="The value is not shown, because it may be a secret.",
            fix="Write -v name=value; an empty text is -v name='\"\"'.",
        )
    value = _parse(raw, f"-v {name}")
    return name, _unquoted(raw) if isinstance(value, str) else value


def _kv_problem(name: str, equals: str) -> str:
    if not equals:
        return "Expected var to be in format 'name=value'"
    return f"Expected var '{name}' to specify non-empty value" if name else "Expected var to specify non-empty name"


def _unquoted(raw: str) -> str:
    """The raw text keeps its line breaks and spaces, and loses one pair of quotes around it."""
    is_quoted = len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "'\""
    return raw[1:-1] if is_quoted else raw


def _read_env(prefix: str, env: Mapping[str, str]) -> Iterable[tuple[str, Property]]:
    start = f"{prefix}_"
    for name in sorted(env):
        if name.startswith(start):
            yield name.removeprefix(start), _parse(env[name], f"environment variable {name}")


def _parse(text: str, origin: str) -> Property:
    try:
        return reader.read_document(Source(name=origin, content=text.encode())).tree
    except InputError as error:
        raise InputError(
            "bad-variable-flag",
            f"Deserializing variables from {origin}: {error.what}",
            why="Values are read as YAML.",
            fix="Put quotes around the value, or give it with --var-file.",
            where=error.where,
        ) from error


def _file_text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "bad-vars-file",
            f"The file given for variable '{name}' is not text.",
            why=f"Byte {error.start} is not UTF-8.",
            fix="Encode it as text, base64 for example.",
        ) from error


def _nest(flat: Mapping[str, Property]) -> Mapping[str, Property]:
    """Make maps of the names with dots; names without go first."""
    values: dict[str, Property] = {name: value for name, value in flat.items() if "." not in name}
    for name, value in flat.items():
        if "." in name:
            _put_nested(values, name, value)
    return values


def _put_nested(values: dict[str, Property], name: str, value: Property) -> None:
    *parents, last = name.split(".")
    inner = values
    for parent in parents:
        child = inner.get(parent, {})
        if not isinstance(child, Mapping):
            raise _clash(name, parent)
        copied: dict[str, Property] = dict(child)
        inner[parent] = copied
        inner = copied
    if last in inner:
        raise _clash(name, last)
    inner[last] = value


def _clash(name: str, part: str) -> InputError:
    return InputError(
        "variable-clash",
        f"Variable '{name}' clashes with another one.",
        why=f"'{part}' already has a value.",
        fix="Give the whole map as one variable, or rename one of them.",
    )
