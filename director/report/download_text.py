"""Where the releases of a bundle come from, and how far a download is, as lines.

Takes rows of a table of downloads, and sizes; gives lines.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue

TO_DOWNLOAD = "to download"
_STATE_WIDTH, _SIZE_WIDTH = 11, 11
_BAR_WIDTH = 20
_MIB = 1 << 20


def download_lines(rows: Sequence[Mapping[str, JsonValue]]) -> tuple[str, ...]:
    """Three lines for each file, and a sum of what is to be downloaded."""
    return (*(line for row in rows for line in _lines(row)), _sum(rows))


def progress_text(done: int, total: int | None) -> str:
    """ "[#####.....] 3.0 of 6.0 MiB, 50 %"."""
    if not total:
        return f"{done / _MIB:.1f} MiB"
    share = min(1.0, done / total)
    bar = "#" * int(share * _BAR_WIDTH)
    return f"[{bar:.<{_BAR_WIDTH}}] {done / _MIB:.1f} of {total / _MIB:.1f} MiB, {int(share * 100)} %"


def _lines(row: Mapping[str, JsonValue]) -> Iterator[str]:
    size = "" if row["mib"] is None else f"{row['mib']} MiB"
    name = f"{row['release']}/{row['version']}" + (f": {row['file']}" if row["file"] else "")
    yield f"{row['state']!s:<{_STATE_WIDTH}}  {size:>{_SIZE_WIDTH}}  {name}"
    margin = " " * (_STATE_WIDTH + _SIZE_WIDTH + 4)
    for key in ("from", "digest"):
        if row[key]:
            yield f"{margin}{row[key]}"


def _sum(rows: Sequence[Mapping[str, JsonValue]]) -> str:
    wanted = [row for row in rows if row["state"] == TO_DOWNLOAD]
    sizes = [row["size"] for row in wanted]
    known = sum(size for size in sizes if isinstance(size, int))
    if not wanted:
        return "Nothing is to be downloaded."
    unknown = sizes.count(None)
    parts = (
        f"{_files(len(sizes) - unknown)} of {known / _MIB:.1f} MiB" if unknown < len(sizes) else "",
        f"{_files(unknown)} of unknown size" if unknown else "",
    )
    return f"To download: {' and '.join(filter(None, parts))}."


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
