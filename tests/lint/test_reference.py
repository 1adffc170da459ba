"""The pages made from the code are as the code is now."""

import re
from pathlib import Path

from cpi.contract.commands import WITH_COMMANDS
from director.cli import command_table
from tests import reference
from tests.support import bad_settings, error_codes, error_pages
from tests.support.error_codes import Raised
from tests.support.renamed_codes import RENAMED
from tests.support.sources import Source, read_sources

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"[`(]compleat ([a-z][a-z-]*)")

PROMISED = {"env"}
"""Commands that errors name and that are still to come: take one out when it is there."""

SHARED = {
    "address-taken",
    "archive-escapes",
    "bad-variable-option",
    "blob-missing",
    "bug",
    "digest-mismatch",
    "disk-full",
    "end-clock-unavailable",
    "errand-failed",
    "final-release-missing",
    "instance-unknown",
    "instance-without-vm",
    "jumpbox-silent",
    "landing-part-refused",
    "managed-network-unsupported",
    "monit-depends-broken",
    "monit-file-broken",
    "monit-name-twice",
    "package-cycle",
    "release-missing",
    "secret-field-missing",
    "stemcell-in-use",
    "template-name-taken",
    "template-value-later",
    "template-value-secure",
    "unknown-cloud",
    "unknown-network",
    "unknown-stemcell",
    "unknown-variable-type",
    "unresolved-variable",
    "vm-without-address",
}
"""Codes of several rooms. Somebody compared their words: a person who looks one up finds what happened to them."""


def test_the_generated_pages_are_as_the_code_is(codes: tuple[Raised, ...]) -> None:
    made = reference.pages(codes)
    assert {page: (ROOT / page).read_text() for page in made} == made, "run `make docs` and commit what it changes"


def test_every_code_is_kebab_case(codes: tuple[Raised, ...]) -> None:
    assert {each.code for each in codes if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", each.code)} == set()


def test_the_sources_are_read_at_all(codes: tuple[Raised, ...]) -> None:
    """One of each way in which a code is written, so that the reader cannot go blind unnoticed."""
    assert {
        ("unknown-network", "InputError"),  # behind a word: f"unknown-{kind}"
        ("link-ambiguous", "InputError"),  # through a method of its own file
        ("call-uncertain", "StateError"),  # a constant of another module
        ("ops-path-missing", "InputError"),  # an enum of codes
        ("secret-ambiguous", "InputError"),  # a local name with two values
        ("no-namespaces", "Finding"),
        ("bad-digest", "GuestError"),
        ("not-authorized", "DeniedError"),  # a row of a table
        ("credentials-expired", "DeniedError"),
    } <= {(each.code, each.kind) for each in codes}


def test_the_codes_of_the_table_by_cloud_exist(codes: tuple[Raised, ...]) -> None:
    reported = {row.code for rows in bad_settings.REPORTED.values() for row in rows}
    assert reported - {each.code for each in codes} == set()


def test_every_command_that_our_words_name_exists(sources: tuple[Source, ...]) -> None:
    named = {name for source in sources for name in COMMAND.findall(source.text)}
    assert named - set(command_table.COMMANDS) - set(WITH_COMMANDS) == PROMISED


def test_a_new_error_changes_the_page(tmp_path: Path) -> None:
    refuse = 'def refuse(name):\n    raise InputError("no-luck", f"{name} has none.", fix="Try again.")\n'
    classes = "class ExplainedError(Exception): ...\n\n\nclass InputError(ExplainedError): ...\n\n\n"
    assert _codes_of(tmp_path / "without-classes", refuse) == ()
    assert error_pages.page(_codes_of(tmp_path / "with-classes", classes + refuse)).endswith(
        "\n\n## no-luck\n\n- `InputError`, director: {name} has none. *Fix:* Try again.\n"
    )


def test_a_code_is_shared_by_rooms_only_where_it_means_the_same(codes: tuple[Raised, ...]) -> None:
    rooms = {code: {_room(each) for each in places} for code, places in error_codes.by_code(codes).items()}
    assert {code for code, several in rooms.items() if len(several) > 1} == SHARED


def _room(raised: Raised) -> str:
    """Clouds speak alike on purpose; the director's rooms each have words of their own."""
    return "/".join(raised.room.split("/")[: 1 if raised.room.startswith("cpi") else 2])


CLOUDS = ("aws", "azure", "external", "local", "memory", "openstack")

_NEUTRON = "Neutron's own word for a network that leads outside; nothing to do with the plugin `external`"
OF_ONE_CLOUD = {"external-network-missing": _NEUTRON, "external-network-unclear": _NEUTRON}
"""Codes that begin with a cloud's name, each with the reason why it has no word that every cloud could use."""


def test_a_code_is_the_same_on_every_cloud(codes: tuple[Raised, ...]) -> None:
    named = {each.code for each in codes if each.code.partition("-")[0] in CLOUDS}
    assert named == set(OF_ONE_CLOUD)


def test_a_code_that_was_renamed_is_gone_and_its_new_name_exists(codes: tuple[Raised, ...]) -> None:
    known = {each.code for each in codes}
    assert {new for new in RENAMED.values() if new not in known} == set()
    assert {old for old in RENAMED if any(each.code == old and each.room.startswith("cpi") for each in codes)} == set()


def _codes_of(root: Path, text: str) -> tuple[Raised, ...]:
    """Of a tree with one file."""
    (root / "director").mkdir(parents=True)
    (root / "director/new.py").write_text(text)
    return error_codes.read_codes(read_sources(root))
