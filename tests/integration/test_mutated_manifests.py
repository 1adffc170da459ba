"""Manifests and cloud configs damaged at random: read and resolved, or refused in our words; never a crash."""

import random
from pathlib import Path

import pytest
import yaml

from cpi.contract.values import JsonValue
from director.edge.releases import release_directory
from director.errors import InputError, Problems
from director.model.documents import Source
from director.model.environments.desired import StemcellOffer
from director.model.ids import EnvironmentName
from director.model.releases.release import Release, ReleaseReference
from director.releases import releases
from director.resolve.front import ResolveRequest, UsedRelease, resolve_desired
from director.text import front
from director.text.variables.bind import KnownNames

ROOT = Path(__file__).parents[2]
MANIFEST = (ROOT / "manifests/platform/platform.yml").read_bytes()
CLOUD_CONFIG = (ROOT / "manifests/cloud-configs/local.yml").read_bytes()
KNOWN = KnownNames(values={"console_public_ip": "203.0.113.2", "console_public_host": "127.80.1.2"})
ODD: tuple[JsonValue, ...] = (
    None, True, -1, 0, 10**30, 1.5, "", "x", "((", "((a.b.c))", "((/a))", [], {}, [None], [[]], {"": None}, {"name": 1},
    "10.0.0.0/8", "::1", "10.0.0.1 - 9.0.0.0", "150%", "\x00", "../../etc", "nil", "é" * 300, ["z1", "z1"],
)  # fmt: skip
SEEDS = range(400)


@pytest.fixture(scope="module")
def release() -> Release:
    folder = ROOT / "manifests/platform/release"
    draft = releases.read_release_tree(release_directory.read_tree(folder))
    return releases.finish_release(draft, release_directory.FileDigests().digest_files(folder, draft.unread())).release


def test_the_manifest_itself_is_good(release: Release) -> None:
    assert _reported(MANIFEST, CLOUD_CONFIG, release) == ()


@pytest.mark.parametrize("which", ["manifest", "cloud config"])
def test_a_changed_value_is_understood_or_refused(which: str, release: Release) -> None:
    outcomes = {_outcome(seed, which, release) for seed in SEEDS}
    assert outcomes >= {"wrong-type", "unknown-key", "missing-key"}


@pytest.mark.parametrize("which", ["manifest", "cloud config"])
def test_damaged_bytes_are_understood_or_refused(which: str, release: Release) -> None:
    reported: set[str] = set()
    for seed in SEEDS:
        chance = random.Random(seed)
        good = MANIFEST if which == "manifest" else CLOUD_CONFIG
        bad = damaged(good, chance)
        pair = (bad, CLOUD_CONFIG) if which == "manifest" else (MANIFEST, bad)
        reported.update(_reported(*pair, release))
    assert "yaml-broken" in reported


def _outcome(seed: int, which: str, release: Release) -> str:
    chance = random.Random(seed)
    tree = yaml.safe_load(MANIFEST if which == "manifest" else CLOUD_CONFIG)
    for _ in range(chance.randint(1, 3)):
        change(tree, chance)
    text = yaml.safe_dump(tree, allow_unicode=True).encode()
    pair = (text, CLOUD_CONFIG) if which == "manifest" else (MANIFEST, text)
    return next(iter(_reported(*pair, release)), "")


def _reported(manifest: bytes, config: bytes, release: Release) -> tuple[str, ...]:
    """The codes of what is wrong; whatever else is raised fails the test."""
    try:
        documents = front.read_documents(
            front.Reading(source=Source(name="m.yml", content=manifest), known=KNOWN),
            front.Reading(source=Source(name="c.yml", content=config), known=KNOWN),
        )
        resolve_desired(
            ResolveRequest(
                environment=EnvironmentName("local"),
                manifest=documents.manifest,
                cloud_config=documents.cloud_config,
                releases={
                    each.name: UsedRelease(release=release, reference=ReleaseReference(name=each.name, version="1"))
                    for each in documents.manifest.document.releases
                },
                stemcells=(StemcellOffer(os="debian", version="12", architecture="x86_64"),),
            )
        )
    except InputError as error:
        problems = error.problems if isinstance(error, Problems) else (error,)
        assert all(problem.what and problem.fix and problem.where for problem in problems), problems
        return tuple(problem.code for problem in problems)
    return ()


def change(tree: JsonValue, chance: random.Random) -> None:
    """Put something odd at a place chosen at random, or take the place away, or add one."""
    node = tree
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
        if not keys:
            return
        key = chance.choice(keys)
        below = node[key]  # type: ignore[index]  # a map's or a list's own
        if isinstance(below, dict | list) and below and chance.random() < 0.8:
            node = below
            continue
        match chance.randrange(4):
            case 0:
                del node[key]  # type: ignore[union-attr]
            case 1 if isinstance(node, dict):
                node[f"{key}x"] = node.pop(key)
            case _:
                node[key] = chance.choice(ODD)  # type: ignore[index]
        return


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some bytes taken out, changed, doubled or cut off."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                del data[at : at + chance.randint(1, 20)]
            case 1:
                data[at] = chance.choice(b"\x00\t\n :-[]{}&*!|>'\"%@`,?#\xff")
            case 2:
                data[at:at] = data[at : at + chance.randint(1, 200)]
            case _:
                data[at:at] = bytes(chance.randrange(256) for _ in range(3))
    return bytes(data)
