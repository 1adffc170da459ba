"""A runtime config as people wrote it: addons for every deployment.

Takes a tree of maps and lists, gives a frozen pydantic model. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/runtime_config/.
"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from director.model.written.kinds import Piece, PlainText, Text
from director.model.written.manifest import Addon, ReleaseUse, VariableDefinition


class RuntimeConfig(Piece):
    """The whole runtime config."""

    is_bosh_document: ClassVar[bool] = True

    releases: tuple[ReleaseUse, ...] = ()
    addons: tuple[Addon, ...] = ()
    variables: tuple[VariableDefinition, ...] = ()
    tags: Mapping[Text, PlainText] = Field(default_factory=dict)
