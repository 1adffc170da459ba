"""Ops files, variables and environment files damaged at random: read, or refused in our words; never a crash or a wait.

With test_mutated_manifests (1,600 seeds) and mutations/ (release content, 1,000), what people write is covered.
"""

import random
import time
from collections.abc import Callable

import pytest
import yaml

from cpi.contract.errors import CloudError, ExplainedError
from cpi.contract.values import JsonValue
from director.app.sessions import environment_files
from director.app.use_cases.interpolate import InterpolateRequest, run_interpolate
from director.errors import Problems
from director.model.documents import Source
from director.text import front
from director.text.variables.variables import VariableSources
from tests.integration.test_mutated_manifests import MANIFEST, ROOT, change, damaged

SEEDS = range(250)
LONGEST_S = 10.0
OPS = b"""\
- type: replace
  path: /instance_groups/name=postgres/instances
  value: ((count))
- type: remove
  path: /variables/name=console_tls?
- {type: replace, path: "/tags?/team", value: [1, {a: ((b.c))}]}
- {type: replace, path: /instance_groups/-, value: {name: more, jobs: []}}
"""
VALUES = b"""\
count: 3
b: {c: "((d))"}
text: |
  a long
  one
list: [1, 2.5, yes, null, 2026-01-01]
"""
ENVIRONMENTS = [path.read_bytes() for path in sorted((ROOT / "manifests/environments").glob("*.yml"))]


def _ops(content: bytes) -> None:
    values = VariableSources(kvs=("count=3",))
    run_interpolate(
        InterpolateRequest(manifest=_source("m.yml", MANIFEST), ops_files=(_source("o.yml", content),), sources=values)
    )


def _variables(content: bytes) -> None:
    values = VariableSources(vars_files=(_source("v.yml", content),))
    run_interpolate(InterpolateRequest(manifest=_source("m.yml", MANIFEST), sources=values))


def _path(content: bytes) -> None:
    run_interpolate(InterpolateRequest(manifest=_source("m.yml", MANIFEST), path=content.decode(errors="replace")))


def _environment(content: bytes) -> None:
    written = front.read_environment_file(front.Reading(source=_source("local.yml", content)))
    for choice in environment_files.cloud_choices(written.document):
        environment_files.landing_spec(written.document, choice.name)


@pytest.mark.parametrize(
    ("read", "good", "outcomes"),
    [
        (_ops, [OPS], 3),
        (_variables, [VALUES], 2),  # any map is a file of variables
        (_environment, ENVIRONMENTS, 3),
        (_path, [b"/instance_groups/name=postgres/jobs/0", b"/releases/-1?/version", b"/a~1b~0c/d=e/-"], 3),
    ],
    ids=["ops", "variables", "environment", "path"],
)
def test_what_is_damaged_is_read_or_refused_and_nobody_waits(
    read: Callable[[bytes], None], good: list[bytes], outcomes: int
) -> None:
    codes: dict[str, int] = {}
    slow: dict[int, float] = {}
    for seed in SEEDS:
        chance = random.Random(seed)
        content = chance.choice(good)
        began_s = time.monotonic()
        code = _code(read, _changed(content, chance) if seed % 2 and read is not _path else damaged(content, chance))
        took_s = time.monotonic() - began_s
        codes[code] = codes.get(code, 0) + 1
        if took_s > LONGEST_S:
            slow[seed] = took_s
    assert slow == {}
    assert len(codes) >= outcomes, f"too little was damaged: {codes}"


def _code(read: Callable[[bytes], None], content: bytes) -> str:
    """What it ends with; anything but an error that explains itself fails the test."""
    try:
        read(content)
    except Problems as several:
        assert all(problem.what for problem in several.problems)
        return several.problems[0].code
    except (ExplainedError, CloudError) as error:
        assert error.what
        return error.code
    return ""


def _changed(content: bytes, chance: random.Random) -> bytes:
    tree: JsonValue = yaml.safe_load(content)
    for _ in range(chance.randint(1, 3)):
        change(tree, chance)
    return yaml.safe_dump(tree, allow_unicode=True).encode()


def _source(name: str, content: bytes) -> Source:
    return Source(name=name, content=content)
