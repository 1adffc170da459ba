"""The manifest's stemcells, looked up: one that the environment has, else the stock image of its operating system.

Takes a request, gives for each alias what VMs are made of and the operating system by which filters go. Source:
cloudfoundry/bosh src/bosh-director/lib/bosh/director/deployment_plan/stemcell.rb.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model import stemcell_names
from director.model.cloud_names import shown_name
from director.model.environments.desired import StemcellOffer, StockRefusal, StockThere
from director.model.written.manifest import StemcellUse
from director.resolve.findings import Findings, nearest
from director.resolve.request import ResolveRequest

NO_STEMCELL = StemcellOffer(os="", version="", architecture="")
"""Stands where none was found, so that the rest can be checked too."""

_LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenStemcell:
    """`os` is the operating system by the manifest's name: addons and compiled releases go by it, not by the image's.

    `stock` are the images it can be made of, one on each cloud that has it; empty where the environment has it.
    """

    offer: StemcellOffer
    os: str
    stock: tuple[StockThere, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenStemcells:
    """The manifest's stemcells by alias."""

    by_alias: Mapping[str, ChosenStemcell]

    @property
    def offers(self) -> Mapping[str, StemcellOffer]:
        """What VMs are made of, by alias."""
        return {alias: each.offer for alias, each in self.by_alias.items()}

    @property
    def systems(self) -> Mapping[str, str]:
        """The operating systems by the manifest's names, by alias."""
        return {alias: each.os for alias, each in self.by_alias.items()}

    @property
    def stock(self) -> tuple[StockThere, ...]:
        """Every stock image that the deployment may need, once."""
        found = {(one.cloud, one.offer()): one for each in self.by_alias.values() for one in each.stock}
        return tuple(found.values())


def resolve_stemcells(request: ResolveRequest, found: Findings) -> ChosenStemcells:
    """Look each up. Reports: unknown-stemcell, stock-image-unsupported. Remark: stemcell-stock."""
    chosen = {}
    for index, use in enumerate(request.manifest.document.stemcells):
        own = _offer(use, request.stemcells)
        if own is not None:
            chosen[use.alias] = ChosenStemcell(offer=own, os=_system_of(use, own))
        else:
            chosen[use.alias] = _stock(request, index, found)
    _remark_stock(request, chosen, found)
    return ChosenStemcells(by_alias=chosen)


def stemcells_meant(uses: Sequence[StemcellUse], offers: Sequence[StemcellOffer]) -> tuple[StemcellOffer, ...]:
    """Those of the environment that a manifest's stemcells can be; for a stock image all that were not uploaded."""
    others = [offer for offer in offers if not offer.name]
    found: list[StemcellOffer] = []
    for use in uses:
        own = _offer(use, offers)
        found.extend([own] if own else others)
    return tuple(dict.fromkeys(found))


def _system_of(use: StemcellUse, own: StemcellOffer) -> str:
    return stemcell_names.system_meant(use) or own.os


def _offer(use: StemcellUse, offers: Sequence[StemcellOffer]) -> StemcellOffer | None:
    """An uploaded one before others. Of equal versions max gives the first: the offer the environment prefers."""
    fitting = [offer for offer in offers if _is_meant(use, offer) and _has_version(offer, use.version)]
    uploaded = [offer for offer in fitting if offer.name]
    if (use.name or use.os) == stemcell_names.ANY and not uploaded:
        fitting = [offer for offer in fitting if offer.os == fitting[0].os]
    return max(uploaded or fitting, key=_version_key, default=None)


def _is_meant(use: StemcellUse, offer: StemcellOffer) -> bool:
    """By name an uploaded one of that name; others have only an operating system, and `linux` means any of those."""
    if offer.name:
        return use.name == offer.name if use.name is not None else use.os == offer.os
    if (use.name or use.os) == stemcell_names.ANY:
        return not stemcell_names.is_of_image(offer.os)
    return (use.name or use.os) == offer.os


def _has_version(offer: StemcellOffer, version: str) -> bool:
    if version == _LATEST:
        return True
    if version.endswith(f".{_LATEST}"):
        return f"{offer.version}.".startswith(version.removesuffix(_LATEST))
    return offer.version == version


def _version_key(offer: StemcellOffer) -> tuple[tuple[int, str], ...]:
    """Numbers compare as numbers, and come before words."""
    parts = re.split(r"[.\-+_]", offer.version)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


def _stock(request: ResolveRequest, index: int, found: Findings) -> ChosenStemcell:
    """By the offer that most clouds have: a group may span them."""
    use = request.manifest.document.stemcells[index]
    system = stemcell_names.system_meant(use)
    answers = [answer for answer in request.stock if answer.asked == system]
    there = [answer for answer in answers if isinstance(answer, StockThere)]
    if system is None or not there or not use.version:
        refusal = next((answer for answer in answers if isinstance(answer, StockRefusal)), None)
        _report_unknown(request, index, refusal, found=found)
        return ChosenStemcell(offer=NO_STEMCELL, os=system or "")
    offers = [one.offer() for one in there]
    offer = max(offers, key=offers.count)
    own = next((each for each in request.stemcells if not each.name and _same(each, offer)), offer)
    return ChosenStemcell(offer=own, os=system, stock=tuple(one for one in there if one.offer() == offer))


def _same(one: StemcellOffer, other: StemcellOffer) -> bool:
    return (one.os, one.version, one.architecture) == (other.os, other.version, other.architecture)


def _report_unknown(request: ResolveRequest, index: int, refusal: StockRefusal | None, *, found: Findings) -> None:
    use, where = request.manifest.document.stemcells[index], request.manifest.where("stemcells", index)
    if refusal is not None:
        error = refusal.error
        found.report(error.code, error.what, why=error.why, fix=error.fix, where=where)
        return
    missing = "neither `os` nor `name`" if not (use.name or use.os) else "an empty `version`" if not use.version else ""
    if missing:
        found.report(
            "unknown-stemcell",
            f"Stemcell '{use.alias}' has {missing}.",
            why="A stemcell is named by `os` or `name`, and by its version.",
            fix="Write `os: ubuntu-jammy` and `version: latest`, for example.",
            where=where,
        )
        return
    offers = [f"{each.name or each.os} {each.version}" for each in request.stemcells]
    near = nearest(use.name or use.os or "", stemcell_names.KNOWN_SYSTEMS)
    found.report(
        "unknown-stemcell",
        f"Stemcell '{use.alias}' is {_wanted(use)}, which the environment does not have.",
        why=f"It has: {', '.join(offers)}." if offers else "It has none.",
        fix=f"Did you mean '{near}'?"
        if near
        else "Name one it has; `os: linux` with `version: latest` selects its first.",
        where=where,
    )


def _wanted(use: StemcellUse) -> str:
    return f"{use.name or use.os or ''} {use.version}".strip()


def _remark_stock(request: ResolveRequest, chosen: Mapping[str, ChosenStemcell], found: Findings) -> None:
    """One remark for each image, however many stemcells use it."""
    images: dict[str, list[int]] = {}
    for index, use in enumerate(request.manifest.document.stemcells):
        for one in chosen[use.alias].stock:
            place = f" on cloud '{one.cloud}'" if shown_name(one.cloud) else ""
            images.setdefault(f"{one.image.description}{place}", []).append(index)
    for image, indexes in images.items():
        uses = [request.manifest.document.stemcells[index] for index in indexes]
        names = " and ".join(f"'{use.alias}' ({_wanted(use)})" for use in uses)
        found.remark(
            "stemcell-stock",
            f"VMs of stemcell {names} are created from {image}.{_ignored(uses)}",
            where=request.manifest.where("stemcells", indexes[0]),
        )


def _ignored(uses: Iterable[StemcellUse]) -> str:
    versions = dict.fromkeys(use.version for use in uses if use.version != _LATEST)
    if not versions:
        return ""
    return f" Its version is not {' or '.join(versions)}: that is the version of a stemcell, which this image is not."
