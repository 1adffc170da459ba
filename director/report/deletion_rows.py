"""What `clean-up` deletes, as rows with their number and size.

Takes records, gives rows and a table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model import counting
from director.model.environments.listed_disks import ListedDisk
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.releases.release import CompiledPackage
from director.model.releases.uploaded_release import UploadedRelease
from director.model.report import Table
from director.report import time_words

Row = Mapping[str, JsonValue]
_COLUMNS = ("kind", "name", "count", "size")
_MIB = 1 << 20
_UNITS = ("KiB", "MiB", "GiB", "TiB")


def release_rows(releases: Sequence[UploadedRelease]) -> Iterator[Row]:
    """One for each name and version; a release may be there with sources and compiled."""
    for title in dict.fromkeys(release.title for release in releases):
        same = [release.size for release in releases if release.title == title]
        yield _row("release", title, count=1, size=sum(same))


def stemcell_rows(stemcells: Iterable[UploadedStemcell]) -> Iterator[Row]:
    """One for each name and version, however many clouds have it; their size is not known."""
    for title in dict.fromkeys(one.title for one in stemcells):
        yield _row("stemcell", title, count=1, size=None)


def compiled_rows(packages: Sequence[CompiledPackage]) -> Iterator[Row]:
    """One for all of them: packages may share a blob."""
    if packages:
        size = sum({package.digest: package.size for package in packages}.values())
        yield _row("compiled package", "on this machine", count=len(packages), size=size)


def stored_row(cloud: str, sizes: Sequence[int]) -> Row:
    """One for each cloud."""
    return _row("stored package", f"in {cloud}", count=len(sizes), size=sum(sizes))


def disk_rows(disks: Iterable[ListedDisk], *, now: float) -> Iterator[Row]:
    """One for each orphan."""
    for one in disks:
        yield {
            **_row("disk", one.found.cid, count=1, size=one.found.size_mib * _MIB),
            "orphan_of": f"{one.instance} of {one.deployment}",
            "age": time_words.span_text(now - one.orphaned_at) if one.orphaned_at else "",
        }


def deletion_table(rows: Sequence[Row], *, is_deleted: bool) -> Table:
    """The rows; the sum of their sizes, which leaves out what has none, is the subject."""
    extra = ("orphan_of", "age") if any("orphan_of" in row for row in rows) else ()
    return Table(
        name="deletions",
        columns=(*_COLUMNS, *extra),
        rows=tuple(rows),
        empty="Nothing to clean up.",
        count=sum(_number(row["count"]) for row in rows),
        subject="in_all",
        about={"deleted": is_deleted, "bytes": _bytes(rows)},
    )


def sum_text(table: Table) -> str:
    """ "2 releases, 12 compiled packages, 1 disk: 1.3 GiB (1395864371 bytes)"."""
    kinds = dict.fromkeys(str(row["kind"]) for row in table.rows)
    counts = {kind: sum(_number(row["count"]) for row in table.rows if row["kind"] == kind) for kind in kinds}
    named = ", ".join(counting.count_text(number, kind) for kind, number in counts.items())
    size = _bytes(table.rows)
    return f"{named}: {size_text(size)} ({size} bytes)" if size else named


def size_text(size: int) -> str:
    """ "17 bytes", "1.3 MiB"."""
    power = min((size.bit_length() - 1) // 10, len(_UNITS)) if size else 0
    return f"{size / 1024**power:.1f} {_UNITS[power - 1]}" if power else counting.count_text(size, "byte")


def _row(kind: str, name: str, *, count: int, size: int | None) -> Row:
    return {"kind": kind, "name": name, "count": count, "size": "" if size is None else size_text(size), "bytes": size}


def _bytes(rows: Iterable[Row]) -> int:
    return sum(_number(row["bytes"]) for row in rows)


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
