"""What an environment needs before its first VM, with what a planned template adds.

Takes a Session, gives a spec for each cloud.
"""

from dataclasses import replace

from cpi.contract.values import LandingSpec
from director.app.sessions import environment_files
from director.app.sessions.session import Session


def landing_spec(session: Session, name: str) -> LandingSpec:
    """What the cloud `name` needs; templates are on the first one."""
    spec = environment_files.landing_spec(session.file, name)
    is_first = name == environment_files.cloud_choices(session.file)[0].name
    if not is_first:
        return spec
    added = session.template_parts
    return replace(
        spec,
        created_networks=added.created_networks,
        network_parts=added.network_parts,
        security_groups=added.security_groups,
        route_tables=added.route_tables,
        nat_gateways=added.nat_gateways,
        load_balancers=added.load_balancers,
        storage_accounts=added.storage_accounts,
        images=added.images,
    )
