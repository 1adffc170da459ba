"""A deploy config as people wrote it: flags that BOSH's command line adds to `bosh deploy`.

Takes a tree of maps and lists, gives a frozen pydantic model. Source: cloudfoundry/bosh-cli cmd/deploy.go @19ee1a8.
"""

from typing import ClassVar

from director.model.written.kinds import Piece, Text


class DeployConfig(Piece):
    """The whole deploy config. `include` and `exclude` are names of deployments; BOSH ignores a config with both."""

    is_bosh_document: ClassVar[bool] = True

    flags: tuple[Text, ...] = ()
    include: tuple[Text, ...] = ()
    exclude: tuple[Text, ...] = ()
