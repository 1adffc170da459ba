"""The error codes as a reference page.

Takes Codes read from the sources, gives Markdown.
"""

from collections.abc import Iterable, Iterator

from tests.support import bad_settings, error_codes, renamed_codes
from tests.support.error_codes import Raised

_HEAD = """# Errors

<!-- Made from the sources by `make docs`. Do not edit. -->

Every error has a what (the problem), a why (the evidence) and a fix (what to do); `--json` prints the same as
`compleat.error/1`. `{name}` is a placeholder for a value, `{…}` for a text that is composed at run time.

| kind | means | exit code |
| --- | --- | --- |
| `InputError` | invalid input; nothing was created | 3 |
| `Finding` | a result of preflight; fatal ones become an `InputError` | 3 |
| `LockedError` | another process holds the lease | 5 |
| `StateError` | compleat's state cannot be read or written | 1 |
| `CloudError` and `NotFoundError`, `ConflictError`, `NoCapacityError`, `DeniedError`, `ThrottledError`, \
`TransientError`, `LostReplyError`, `NotSupportedError` | a cloud refused or failed | 1 |
| `AgentError`, `UnreachableError`, `ActionFailedError` | a VM's agent failed, or does not answer | 1 |
| `GuestError` | an error of the guest on the VM; reported as `ActionFailedError` | 1 |
| `Failure`, `NoAnswer` | why an action failed, or why an agent did not answer | 1 |
| `Bug` | a defect in compleat: please report it | 1 |
"""


def page(codes: Iterable[Raised]) -> str:
    """The whole of docs/reference/errors.md."""
    return _HEAD + "\n".join((*_by_cloud(), *_renamed(), *_entries(codes))) + "\n"


def _by_cloud() -> Iterator[str]:
    yield ""
    yield "## Wrong settings, cloud by cloud"
    yield ""
    yield "Faults in settings or accounts, and changes outside compleat: when each is reported, and its code."
    yield "Tests plant each of them."
    for cloud, rows in bad_settings.REPORTED.items():
        yield from ("", f"### {cloud}", "", "| fault | reported | code |", "| --- | --- | --- |")
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
