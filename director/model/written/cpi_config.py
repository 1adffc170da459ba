"""BOSH's cpi-config: several CPIs by name, each one of our plugins by its type, or an executable.

Takes a tree of maps and lists, gives a frozen pydantic model. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/cpi_config/cpi_manifest_parser.rb.
"""

from typing import ClassVar

from pydantic import Field

from director.model.secret_ref import Property  # noqa: F401  pydantic resolves FreeMap in this module
from director.model.written.kinds import FreeMap, Piece, Text


class FormerCpiName(Piece):
    """A name the CPI had before."""

    name: Text


class WrittenCpi(Piece):
    """One CPI; `name` is what AZs write as `cpi`, `exec_path` an executable that speaks BOSH's protocol."""

    name: Text
    type: Text
    exec_path: Text | None = None
    properties: FreeMap = Field(default_factory=dict)
    migrated_from: tuple[FormerCpiName, ...] = ()


class CpiConfig(Piece):
    """The whole CPI config; without CPIs it is as if there were none."""

    is_bosh_document: ClassVar[bool] = True

    cpis: tuple[WrittenCpi, ...]
