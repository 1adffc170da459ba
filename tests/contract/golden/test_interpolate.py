"""`interpolate` beside the reference tool: every golden case, byte for byte."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from director.app.use_cases import interpolate
from director.edge.secrets import mint
from director.errors import InputError, Problems
from director.model.documents import Source
from director.model.environments.desired import VariableSpec
from director.model.secret_ref import Property
from director.text.variables import variables
from director.text.variables.lookup import Definition
from director.text.yaml import reader

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
        pytest.skip("values are random: their shape is compared below")
    request = _request(case, arguments)
    if arguments["exit_code"] == 0:
        assert interpolate.run_interpolate(request).output == (case / "expected.yml").read_text()
        return
    with pytest.raises(InputError) as caught:
        interpolate.run_interpolate(request)
    expected = (case / "expected-error.txt").read_text().rstrip("\n")
    assert _text(caught.value) == expected.replace("{CWD}", str(case))


def test_generated_values_have_the_shape_the_reference_tool_gives_them() -> None:
    case = GOLDEN / "09-vars-store-generate"
    if not case.is_dir():
        pytest.skip(f"no golden data: {case} does not exist")
    shape = json.loads((case / "expected-shape.json").read_text())
    request = interpolate.InterpolateRequest(
        manifest=Source(name="manifest.yml", content=(case / "manifest.yml").read_bytes()),
        sources=variables.VariableSources(kvs=("host=api.golden.example",)),
        vars_store=Source(name="vars-store.yml", content=b""),
        mint=_mint,
    )
    done = interpolate.run_interpolate(request)
    store = _map(done.vars_store or "")
    assert list(store) == shape["store_keys_in_file_order"]
    for name, facts in shape["generated"].items():
        if facts["type"] == "password":
            assert re.match(facts["regex"], store[name])
        else:
            assert list(store[name]) == facts["fields_in_order"]
        for signer in facts.get("ca_field_equals_certificate_of", []):
            assert store[name]["ca"] == store[signer]["certificate"]
    output = _map(done.output)
    assert (output["pw"], output["leaf"], output["variables"]) == (store["plain_password"], store["leaf"], [])
    assert output["ssh"] == store["jump"]["public_key_fingerprint"]


def _mint(definition: Definition, look_up: Callable[[str], Property]) -> Property:
    spec = VariableSpec(name=definition.name, type=definition.type, options=definition.options)  # type: ignore[arg-type]
    return mint.make_value(spec, look_up)  # type: ignore[arg-type]


def _map(text: str) -> Mapping[str, Any]:
    tree = reader.read_document(Source(name="text", content=text.encode())).tree
    assert isinstance(tree, dict)
    return tree


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
