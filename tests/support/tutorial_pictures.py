"""Pictures on pages of the documentation, held to what the tool draws today.

Takes a drawn picture, compares its words with the page's; times and numbers may be others. With COMPLEAT_PICTURES=1 it
is written in the place of the page's.
"""

import os
import re
from collections import Counter
from xml.etree import ElementTree

from tests.support.command import ROOT

FOLDER = ROOT / "docs/tutorials/pictures"
WRITES = "COMPLEAT_PICTURES"
_IS_WRITING = bool(os.environ.get(WRITES))
_TEXT = "{http://www.w3.org/2000/svg}text"
_NUMBER = re.compile(r"\d+(\.\d+)?( (ms|s|min|h)\b)?( \d+ s)?")


def require_same(name: str, drawn: str) -> None:
    """The page's picture shows the same things as the one that was drawn."""
    picture = FOLDER / name
    if _IS_WRITING:
        picture.write_text(drawn)
    shown = words_of(picture.read_text())
    assert words_of(drawn) == shown, f"{picture} is not what is drawn today: run the test with {WRITES}=1"


def words_of(picture: str) -> Counter[str]:
    """What it has names for, without numbers; the small print is about times, and left out."""
    found = ElementTree.fromstring(picture).iter(_TEXT)
    return Counter(_NUMBER.sub("#", each.text or "") for each in found if each.get("class") != "quiet")
