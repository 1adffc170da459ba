"""Switches of the manifest: those of DNS; and the two blocks of releases that it may have.

Takes a request, reports problems, gives DnsFeatures. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/deployment_features_parser.rb.
"""

from director.model.environments.deployment_dns import DnsFeatures
from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest


def resolve_dns(request: ResolveRequest, found: Findings) -> DnsFeatures:
    """How the deployment names its instances: `use_link_dns_names` switches the other two on.

    Reports: features-contradict.
    """
    features = request.manifest.document.features
    is_by_link = features.use_link_dns_names is True
    for name in ("use_dns_addresses", "use_short_dns_addresses"):
        if is_by_link and getattr(features, name) is False:
            found.report(
                "features-contradict",
                f"Feature '{name}' is off, but 'use_link_dns_names' is on.",
                why="Names of links are DNS names in the short form.",
                fix=f"Remove `{name}`, or set `use_link_dns_names` to false.",
                where=request.manifest.where("features", name),
            )
    return DnsFeatures(
        domain=request.dns_domain,
        is_by_name=is_by_link or features.use_dns_addresses is True,
        is_short=is_by_link or features.use_short_dns_addresses is True,
        is_by_link=is_by_link,
    )


def check_features(request: ResolveRequest, found: Findings) -> None:
    """Report: release-block-twice."""
    if request.manifest.document.release and request.manifest.document.releases:
        found.report(
            "release-block-twice",
            "The manifest has `release` and `releases`.",
            why="Only one of them may list the releases.",
            fix="Move the one under `release` to `releases`.",
            where=request.manifest.where("release"),
        )
