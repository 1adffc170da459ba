"""The words of `compleat interpolate`, read without click. Imports nothing slow: it starts most often of all commands.

Takes words or flags, gives a request. Words that need an explanation are left to the general door, which has click.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.app.use_cases.interpolate import Interpolated, InterpolateRequest
from director.model.documents import Source
from director.ports.sources import Sources
from director.text.variables.lookup import Mint
from director.text.variables.variables import VariableSources

_SHORT: Mapping[str, str] = {"-o": "--ops-file", "-v": "--var", "-l": "--vars-file"}
_MANY = frozenset({"--ops-file", "--var", "--vars-file", "--var-file", "--vars-env"})
_SWITCHES = frozenset({"--var-errs", "--var-errs-unused"})
_VARIABLES = ("COMPLEAT_INTERPOLATE_", "COMPLEAT_INT_", "_COMPLEAT_COMPLETE")
"""Variables of the process that set options, or with which a shell completes words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterpolateFlags:
    """The options, as typed; `var_files` has each name with its path."""

    manifest: str
    ops_files: tuple[str, ...] = ()
    kvs: tuple[str, ...] = field(default=(), repr=False)
    vars_files: tuple[str, ...] = ()
    var_files: tuple[tuple[str, str], ...] = ()
    env_prefixes: tuple[str, ...] = ()
    vars_store: str | None = None
    path: str | None = None
    is_missing_an_error: bool = False
    is_unused_an_error: bool = False


def read_words(words: Sequence[str], environ: Mapping[str, str]) -> InterpolateFlags | None:
    """The flags that stand behind the command's name; None for what only the general door understands: wrong words,
    questions for help, a variables store, options from the environment.
    """
    manifests, options = list[str](), dict[str, list[str]]()
    for name, value in _pairs(words):
        if value is None or (name == "--path" and name in options):
            return None
        (options.setdefault(name, []) if name else manifests).append(value)
    files = [named_path(text) for text in options.get("--var-file", ())]
    if len(manifests) != 1 or None in files or any(name.startswith(_VARIABLES) for name in environ):
        return None
    return InterpolateFlags(
        manifest=manifests[0],
        ops_files=tuple(options.get("--ops-file", ())),
        kvs=tuple(options.get("--var", ())),
        vars_files=tuple(options.get("--vars-file", ())),
        var_files=tuple(each for each in files if each),
        env_prefixes=tuple(options.get("--vars-env", ())),
        path=next(iter(options.get("--path", ())), None),
        is_missing_an_error="--var-errs" in options,
        is_unused_an_error="--var-errs-unused" in options,
    )


def read_request(
    flags: InterpolateFlags, files: Sources, *, environ: Mapping[str, str], mint: Mint | None = None
) -> InterpolateRequest:
    """Read every file that the flags name."""
    return InterpolateRequest(
        manifest=files.read_source(flags.manifest),
        ops_files=tuple(map(files.read_source, flags.ops_files)),
        sources=VariableSources(
            kvs=flags.kvs,
            var_files=tuple((name, files.read_source(path).content) for name, path in flags.var_files),
            vars_files=tuple(map(files.read_source, flags.vars_files)),
            env_prefixes=flags.env_prefixes,
            env=dict(environ) if flags.env_prefixes else {},
        ),
        vars_store=_store(files, flags.vars_store),
        path=flags.path,
        is_missing_an_error=flags.is_missing_an_error,
        is_unused_an_error=flags.is_unused_an_error,
        mint=mint,
    )


def remark_lines(result: Interpolated) -> tuple[str, ...]:
    """What was written and is not read, for people."""
    return tuple(f"remark: {one.where}: {one.text} ({one.code})" for one in result.remarks)


def named_path(text: str) -> tuple[str, str] | None:
    """NAME=PATH; None if it is not that."""
    name, equals, path = text.partition("=")
    return (name, path) if name and equals and path else None


def _pairs(words: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Each option with its value ("" for a switch), each argument with "" for a name; None for a word to explain."""
    rest = iter(words)
    for word in rest:
        name, equals, joined = word.partition("=")
        name = _SHORT.get(word, name)
        if word == "-" or not word.startswith("-"):
            yield "", word or None
        elif word in _SWITCHES:
            yield word, ""
        elif name in _MANY or name == "--path":
            yield name, (joined if equals else next(rest, None)) or None
        else:
            yield word, None


def _store(files: Sources, path: str | None) -> Source | None:
    if path is None:
        return None
    return files.read_source(path) if files.is_there(path) else Source(name=path, content=b"")
