"""What pages say of other pages, commands and codes is so."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from cpi.contract.commands import WITH_COMMANDS
from director.cli import command_table
from director.model.written.cloud_config import CloudConfig
from director.model.written.cpi_config import CpiConfig
from director.model.written.manifest import Manifest
from director.model.written.runtime_config import RuntimeConfig
from tests.support import command_pages, key_walk
from tests.support.error_codes import Raised
from tests.support.sources import Source

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
SCHEMA = re.compile(r"compleat\.([a-z]+)/1")


@pytest.fixture(params=PAGES, ids=NAMES)
def page(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_command_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"(?:^\$ |^    |`|\|\| )compleat ([a-z][a-z-]*)", page.read_text(), re.MULTILINE)
    assert set(named) - set(command_table.COMMANDS) - set(WITH_COMMANDS) == set()


def test_every_option_that_a_page_types_exists(page: Path, options: Mapping[str, frozenset[str]]) -> None:
    typed = re.findall(r"(?:^\$ |^    (?:\$ )?|`|\|\| )compleat ([a-z][^`\n#|>;&]*)", page.read_text(), re.MULTILINE)
    assert [line for line in typed if _unknown(line.split(" -- ")[0], options)] == []


@pytest.fixture(scope="session")
def options() -> Mapping[str, frozenset[str]]:
    """Those of each command."""
    return {
        name: frozenset(option for one in command.params for option in (*one.opts, *one.secondary_opts))
        for name, command in command_pages.commands()
    }


def _unknown(line: str, options: Mapping[str, frozenset[str]]) -> list[str]:
    """Options of the line that its command does not have; a text in quotes is not looked at."""
    words = re.sub(r"'[^']*'|\"[^\"]*\"", "TEXT", line).split()
    name = " ".join(words[:2]) if " ".join(words[:2]) in options else words[0]
    known = options.get(name)
    typed = (word.partition("=")[0].rstrip(",.:)") for word in words if re.match(r"-{1,2}[a-z]", word))
    return [word for word in typed if known is not None and word not in {*known, "--help", "-h"}]


def test_json_on_a_page_is_json(page: Path) -> None:
    for block in re.findall(r"^```json\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
        json.loads(block)


def test_codes_of_the_manifest_page_and_of_troubleshooting_exist(codes: tuple[Raised, ...]) -> None:
    known = {each.code for each in codes}
    manifest = (ROOT / "docs/reference/manifest.md").read_text()
    assert (
        set(re.findall(r"`((?:unknown|wrong)-[a-z-]+|[a-z-]+-unsupported|[a-z-]+-twice)`", manifest)) - known == set()
    )
    trouble = (ROOT / "docs/howto/troubleshoot.md").read_text()
    named = {word for line in trouble.splitlines() for word in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", line)}
    assert named - known == set()


def test_every_refusal_of_something_unsupported_is_on_the_manifest_page(codes: tuple[Raised, ...]) -> None:
    known = {each.code for each in codes}
    manifest = (ROOT / "docs/reference/manifest.md").read_text()
    refused = {code for code in known if code.endswith("-unsupported")}
    assert {code for code in refused if f"`{code}`" not in manifest} == set()


def test_every_schema_is_on_the_json_page(sources: tuple[Source, ...]) -> None:
    page = set(SCHEMA.findall((ROOT / "docs/reference/json.md").read_text()))
    texts = [source.text for source in sources if source.name.startswith("director/")]
    tables = {name for text in texts for name in re.findall(r"Table\(\s*name=\"([a-z]+)\"", text)}
    written = {name for text in texts for name in re.findall(r"_schema\(\s*\"([a-z]+)\"", text)}
    direct = {name for text in texts for name in SCHEMA.findall(text)}
    assert page == tables | written | direct


def test_every_file_that_the_checklist_for_a_cloud_names_is_there() -> None:
    named = re.findall(r"`([a-z0-9_<>/.-]+\.(?:py|yml))`", (ROOT / "docs/howto/add-a-cloud.md").read_text())
    places = (ROOT, ROOT / "cpi/clouds/aws", ROOT / "tests/support/bodies")
    lacking = [name for name in named if not any((place / name.replace("<cloud>", "aws")).exists() for place in places)]
    assert (lacking, len(named) > 10) == ([], True)


@pytest.mark.parametrize(
    ("model", "titles"),
    [
        (Manifest, ("Top level", "Releases", "`update`", "Instance group", "Addons")),
        (CloudConfig, ("Cloud config",)),
        (RuntimeConfig, ("Runtime config", "Instance group", "Addons", "Releases")),
        (CpiConfig, ("CPI config",)),
    ],
)
def test_every_key_that_a_document_may_have_has_a_row_on_the_page_of_the_manifest(
    model: type[BaseModel], titles: tuple[str, ...]
) -> None:
    sections = re.split(r"^## ", (ROOT / "docs/reference/manifest.md").read_text(), flags=re.MULTILINE)
    chosen = [section for section in sections if section.startswith(titles)]
    assert len(chosen) == len(titles)
    rows = [row for section in chosen for row in re.findall(r"^\| (`.*)", section, re.MULTILINE)]
    assert {row.count("|") - row.count("\\|") for row in rows} == {4}, "key | BOSH | here | why"
    words = {word for row in rows for word in re.findall(r"[a-z][a-z0-9_]+", row.partition(" | ")[0])}
    keys = {part.strip("[]{}") for key in key_walk.keys_of(model) for part in key.split(".")}
    assert sorted(keys - words) == []
