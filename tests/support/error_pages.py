"""The error codes as a reference page.

Takes Codes read from the sources, gives Markdown.
"""

from collections.abc import Iterable, Iterator

from tests.support import bad_settings, error_codes, renamed_codes
from tests.support.error_codes import Raised

_HEAD = """# Errors

<!-- Made from the sources by `make docs`. Do not edit. -->

Every error says what is wrong, why we say so, and what to do now; `--json` gives the same as `compleat.error/1`.
`{name}` stands for what is filled in, `{…}` for what is put together on the spot.

| kind | means | exit code |
| --- | --- | --- |
| `InputError` | what people wrote is wrong; nothing was created | 3 |
| `Finding` | what a check before the first create found; fatal ones end as `InputError` | 3 |
| `LockedError` | someone else holds the lease | 5 |
| `StateError` | our own state cannot be read or written | 1 |
| `CloudError` and `NotFoundError`, `ConflictError`, `NoCapacityError`, `DeniedError`, `ThrottledError`, \
`TransientError`, `LostReplyError`, `NotSupportedError` | a cloud refused or failed | 1 |
| `AgentError`, `UnreachableError`, `ActionFailedError` | a VM's agent failed, or does not answer | 1 |
| `GuestError` | what the program on the VM answered; arrives as `ActionFailedError` | 1 |
| `Failure`, `NoAnswer` | why an action failed, or why an agent did not answer | 1 |
| `Bug` | we broke a promise of our own: please report it | 1 |
"""


def page(codes: Iterable[Raised]) -> str:
    """The whole of docs/reference/errors.md."""
    return _HEAD + "\n".join((*_by_cloud(), *_renamed(), *_entries(codes))) + "\n"


def _by_cloud() -> Iterator[str]:
    yield ""
    yield "## Wrong settings, cloud by cloud"
    yield ""
    yield "What is wrong, or was changed behind our back; when that is told; the code. A test makes each of them wrong."
    for cloud, rows in bad_settings.TOLD.items():
        yield from ("", f"### {cloud}", "", "| wrong | told | code |", "| --- | --- | --- |")
        yield from (f"| {row.wrong} | {row.when} | [{row.code}](#{row.code}) |" for row in rows)


def _renamed() -> Iterator[str]:
    yield from ("", "## Codes that were renamed", "")
    yield "A code is the same on every cloud; the cloud is the error's field `cloud`. Until 2026-11-29 the codes were:"
    yield from ("", "| before | now |", "| --- | --- |")
    yield from (f"| `{old}` | [{new}](#{new}) |" for old, new in sorted(renamed_codes.RENAMED.items()))


def _entries(codes: Iterable[Raised]) -> Iterator[str]:
    for code, places in error_codes.by_code(codes).items():
        yield ""
        yield f"## {code}"
        yield ""
        yield from dict.fromkeys(_line(raised) for raised in places)


def _line(raised: Raised) -> str:
    what = f": {_escaped(raised.what)}" if raised.what else ""
    fix = f" *Fix:* {_escaped(raised.fix)}" if raised.fix.strip("{…}") else ""
    return f"- `{raised.kind}`, {raised.room}{what}{fix}"


def _escaped(text: str) -> str:
    plain = " ".join(text.split())
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
