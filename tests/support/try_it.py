"""The instructions of docs/howto for adding a cloud, read from the page: the environment's file and the commands to
try.

Takes nothing, gives the file as data and the commands as words.
"""

import re
import shlex
from collections.abc import Mapping

import yaml

from tests.support.command import ROOT

_EXTERNAL = ROOT / "docs/howto/use-an-external-cpi.md"
_ADDING = ROOT / "docs/howto/add-a-cloud.md"


def environment_file() -> dict[str, object]:
    """The example of an external CPI's environment."""
    found = re.search(r"^```yaml\n(.*?)^```", _EXTERNAL.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    document = yaml.safe_load(found[1])
    assert isinstance(document, Mapping)
    return dict(document)


def commands() -> tuple[tuple[str, ...], ...]:
    """Those below "Try it", without `compleat` and without the environment's name."""
    _, _, rest = _ADDING.read_text().partition("## Try it")
    lines = re.findall(r"^    compleat (.*) -e trial(.*)$", rest, re.MULTILINE)
    return tuple((*shlex.split(before), *shlex.split(after)) for before, after in lines)
