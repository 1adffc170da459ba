"""`interpolate` beside the reference tool: every golden case, byte for byte."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from director.app import interpolate
from director.errors import InputError, Problems
from director.model.documents import Source
from director.text import variables

GOLDEN = Path(__file__).parents[4] / "shared" / "golden" / "interpolate"
CASES = sorted(path.parent for path in GOLDEN.rglob("args.json"))
NAMES = [str(case.relative_to(GOLDEN)) for case in CASES]


def test_the_golden_data_is_there() -> None:
    if not GOLDEN.is_dir():
        pytest.skip(f"no golden data: {GOLDEN} does not exist")
    assert len(CASES) > 30


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_golden_case_comes_out_as_the_reference_tool_printed_it(case: Path) -> None:
    arguments = json.loads((case / "args.json").read_text())
    if (case / "expected-shape.json").exists():
        pytest.skip("values are random: compared with the shape where they are made")
    request = _request(case, arguments)
    if arguments["exit_code"] == 0:
        assert interpolate.run_interpolate(request).output == (case / "expected.yml").read_text()
        return
    with pytest.raises(InputError) as caught:
        interpolate.run_interpolate(request)
    expected = (case / "expected-error.txt").read_text().rstrip("\n")
    assert _text(caught.value) == expected.replace("{CWD}", str(case))


def _text(error: InputError) -> str:
    problems = error.problems if isinstance(error, Problems) else (error,)
    return "\n".join(problem.what for problem in problems)


def _request(case: Path, arguments: Mapping[str, object]) -> interpolate.InterpolateRequest:
    folder = (case / str(arguments.get("cwd", "."))).resolve()

    def source(name: str) -> Source:
        return Source(name=name, content=(folder / name).read_bytes())

    def sources(key: str) -> tuple[Source, ...]:
        return tuple(source(name) for name in _texts(arguments, key))

    manifest = str(arguments["manifest"])
    store = arguments.get("vars_store")
    path = arguments.get("path")
    return interpolate.InterpolateRequest(
        manifest=Source(name="-", content=str(arguments["stdin"]).encode()) if manifest == "-" else source(manifest),
        ops_files=sources("ops_files"),
        sources=variables.VariableSources(
            kvs=_texts(arguments, "vars"),
            var_files=tuple(_var_file(folder, text) for text in _texts(arguments, "var_files")),
            vars_files=sources("vars_files"),
            env_prefixes=_texts(arguments, "vars_env_prefixes"),
            env=arguments.get("env", {}),  # type: ignore[arg-type]
        ),
        vars_store=source(str(store)) if store else None,
        path=str(path) if path is not None else None,
        is_missing_an_error=arguments.get("var_errs") is True,
        is_unused_an_error=arguments.get("var_errs_unused") is True,
    )


def _var_file(folder: Path, text: str) -> tuple[str, bytes]:
    name, _, path = text.partition("=")
    return name, (folder / path).read_bytes()


def _texts(arguments: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = arguments.get(key, [])
    assert isinstance(found, list)
    return tuple(str(text) for text in found)
