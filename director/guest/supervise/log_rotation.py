"""Logs cut when they grow too big: copied, compressed, truncated in place, so that writers need not know.

Takes the settings that `apply` wrote, changes files under sys/log, bosh/log.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
from typing import Iterator

from director.guest.layout import Layout
from director.guest.system import files

DEFAULT_SIZE = 50 << 20
_KEPT = 7
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def save_settings(layout: Layout, max_size: str) -> None:
    """Remember at which size logs are cut ("50M"); what cannot be read means the default."""
    match = re.fullmatch(r"(\d+)([KMG]?)B?", max_size.strip().upper())
    size = int(match.group(1)) * _UNITS[match.group(2)] if match else DEFAULT_SIZE
    settings = {"size": size, "kept": _KEPT}
    if files.read_json(layout.rotation_file) != settings:
        files.write_json(layout.rotation_file, settings)


def rotate_logs(layout: Layout) -> None:
    size = int(files.read_json(layout.rotation_file).get("size", DEFAULT_SIZE))
    for path in _logs(layout):
        if os.path.getsize(path) > size:
            _rotate(path)


def _logs(layout: Layout) -> Iterator[str]:
    for root in (layout.logs, layout.path("bosh", "log")):
        for folder, _, names in os.walk(root):
            paths = (os.path.join(folder, name) for name in names if name.endswith(".log"))
            yield from (path for path in paths if not os.path.islink(path))


def _rotate(path: str) -> None:
    for number in range(_KEPT - 1, 0, -1):
        older = "%s.%d.gz" % (path, number)
        if os.path.exists(older):
            os.replace(older, "%s.%d.gz" % (path, number + 1))
    with open(path, "r+b") as source:
        with gzip.open(path + ".1.gz", "wb", compresslevel=3) as target:
            os.fchmod(target.fileno(), os.fstat(source.fileno()).st_mode & 0o777)
            shutil.copyfileobj(source, target, 1 << 20)
        source.truncate(0)
