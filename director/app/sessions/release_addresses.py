"""Where a release may be besides its url: the addresses that the environment's sources of releases give for it.

Takes a reference and the sources as written, gives references with a url. A source is an https:// address or a path
that contains `{name}` and `{version}`, or a directory of tarballs called NAME-VERSION.tgz.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from urllib.parse import quote

from director.model.releases import release_versions
from director.model.releases.release import ReleaseReference

_NAME, _VERSION = "{name}", "{version}"
_IN_DIRECTORY = f"{_NAME}-{_VERSION}.tgz"


def is_address(source: str) -> bool:
    """Whether the source is asked over the network."""
    return source.startswith(("https://", "http://", "pivnet://", "s3://", "gs://", "swift://", "git+"))


def fault_of(source: str) -> str:
    """What is wrong with a source as written, "" if nothing is."""
    left = source.replace(_NAME, "").replace(_VERSION, "")
    if "{" in left or "}" in left:
        return "It contains braces that are neither {name} nor {version}."
    if "://" in source and not source.startswith(("https://", "http://")):
        return f"Its scheme is {source.partition('://')[0]}://."
    has_both = _NAME in source and _VERSION in source
    has_one = _NAME in source or _VERSION in source
    if is_address(source) and not has_both:
        return "An address needs both {name} and {version}."
    return "A path needs both {name} and {version}, or neither." if has_one and not has_both else ""


def directories_of(sources: Sequence[str], *, base: str) -> Iterator[str]:
    """The sources that are mirror directories."""
    for source in sources:
        if not is_address(source) and _NAME not in source:
            yield str(PurePath(base, source))


def references_in(reference: ReleaseReference, sources: Sequence[str], *, base: str) -> Iterator[ReleaseReference]:
    """The release in each source, in their order; none where the version is a pattern: sources list no versions.

    A release that has a url is looked for in directories alone.
    """
    if reference.version in ("", "create") or release_versions.is_pattern(reference.version):
        return
    for source in sources:
        if reference.url and is_address(source):
            continue
        if is_address(source):
            url = source.replace(_NAME, quote(reference.name)).replace(_VERSION, quote(reference.version, safe=""))
            yield replace(reference, url=url)
        elif "/" not in reference.name + reference.version:
            path = source if _NAME in source else str(PurePath(source, _IN_DIRECTORY))
            named = path.replace(_NAME, reference.name).replace(_VERSION, reference.version)
            yield replace(reference, url=named, base=base)
