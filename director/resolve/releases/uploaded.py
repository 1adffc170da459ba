"""Which uploaded release a manifest's release means: exact versions, `latest`, `X.latest`.

Takes references and the home's records, gives references to tarballs in the blobstore. Source: cloudfoundry/bosh-cli
cmd/upload_release.go: what is uploaded under a name and version is not fetched from its url again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from director.model.environments.desired import StemcellOffer
from director.model.releases import release_versions
from director.model.releases.release import ReleaseReference
from director.model.releases.uploaded_release import UploadedRelease
from director.model.secret_ref import Property


def choose_uploaded(
    reference: ReleaseReference, records: Sequence[UploadedRelease], stemcells: Sequence[StemcellOffer]
) -> ReleaseReference | None:
    """The reference to the uploaded release that is meant, None where none is: then a url says where it is.

    With a url only an exact version is taken from what was uploaded. Compiled packages are preferred to sources where
    they are for every stemcell of the manifest.
    """
    if reference.version == "create" or (reference.url and release_versions.is_pattern(reference.version)):
        return None
    named = [record for record in records if record.name == reference.name]
    version = release_versions.newest([record.version for record in named], reference.version)
    if version is None:
        return None
    found = [record for record in named if record.version == version]
    fitting = [
        each for each in found if each.compiled_for and all(fits(each.compiled_for, offer) for offer in stemcells)
    ]
    sources = [each for each in found if not each.compiled_for]
    return replace(reference_of([*fitting, *sources, *found][0]), where=reference.where)


def reference_of(record: UploadedRelease) -> ReleaseReference:
    """How to ask for an uploaded release."""
    return ReleaseReference(name=record.name, version=record.version, blob=record.digest, outline=record.outline)


def fits(compiled_for: str, stemcell: StemcellOffer) -> bool:
    """Whether packages compiled for that stemcell run on this one: the same OS and first part of the version."""
    os, _, version = compiled_for.partition("/")
    return os == stemcell.os and version.split(".")[0] == stemcell.version.split(".")[0]


def named_releases(manifest: Property) -> Iterator[tuple[str, str]]:
    """Name and version of each release of a manifest's tree, whatever else is in it."""
    for reference in named_references(manifest, ""):
        yield reference.name, reference.version


def named_references(manifest: Property, base: str) -> Iterator[ReleaseReference]:
    """The same as references; relative paths are meant from the folder `base`."""
    if isinstance(manifest, Mapping):
        listed = manifest.get("releases")
        single = manifest.get("release")
        for use in (*(listed if isinstance(listed, list | tuple) else ()), single):
            if isinstance(use, Mapping):
                name, version = str(use.get("name")), str(use.get("version"))
                url, digest = str(use.get("url") or ""), str(use.get("sha1") or "")
                yield ReleaseReference(name=name, version=version, url=url, digest=digest, base=base)
