"""Switches of the manifest that this director does not have.

Takes a request, tells problems.
"""

from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest

_UNSUPPORTED = {
    "use_dns_addresses": "instances address each other by IP address.",
    "use_short_dns_addresses": "instances address each other by IP address.",
    "use_link_dns_names": "instances address each other by IP address.",
}


def check_features(request: ResolveRequest, found: Findings) -> None:
    """Tell: feature-unsupported, release-block-twice, for what is switched on."""
    features = request.manifest.document.features
    for name, why in _UNSUPPORTED.items():
        if getattr(features, name) is True:
            found.report(
                "feature-unsupported",
                f"Feature '{name}' is not supported.",
                why=why,
                fix=f"remove `{name}`, or set it to false.",
                where=request.manifest.where("features", name),
            )
    if request.manifest.document.release and request.manifest.document.releases:
        found.report(
            "release-block-twice",
            "The manifest has `release` and `releases`.",
            why="only one of them may list the releases.",
            fix="move the one under `release` to `releases`.",
            where=request.manifest.where("release"),
        )
