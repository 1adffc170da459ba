"""Names and versions within a release, which become names of folders and files.

Takes a document and a key, adds what is wrong to its problems. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/models/helpers/model_helper.rb, VALID_ID.
"""

import re

from director.releases.release_documents import ReleaseDocument

_ID = re.compile(r"[-0-9A-Za-z_+.]{1,255}")
_SHOWN = 80


def check_name(entry: ReleaseDocument, key: str, what: str) -> None:
    """Refuse what BOSH's director refuses, and "." and ".."; an absent name is another's to refuse."""
    name = entry.word(key)
    if name and (not _ID.fullmatch(name) or name in (".", "..")):
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
        entry.refuse(
            "release-name-invalid",
            f"'{shown}' is not a valid {what}.",
            why="BOSH allows letters, digits, and - _ + . in it, 255 at most.",
            fix="Correct it, and build the release again.",
            at=(key,),
        )
