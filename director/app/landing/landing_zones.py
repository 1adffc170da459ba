"""An environment made ready for its first VM: landing zone, stemcells, login; and looked at as the cloud has it.

Takes a Session, gives an Environment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpi.contract.cloud import ConnectedCloud, Landing
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    Endpoint,
    FoundLandingResource,
    LandingResource,
    LandingSpec,
    SshAccess,
)
from director.app.landing import recorded_resources
from director.app.sessions import environment_files, fingerprints, landing_specs, stock_images, used_places
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import running
from director.errors import InputError
from director.model import cloud_names
from director.model.environments import managed_networks, public_domains
from director.model.environments.desired import StemcellOffer, VariableSpec
from director.model.environments.environment import (
    SSH_PORT,
    Environment,
    EnvironmentEnd,
    Fingerprint,
    Jumpbox,
    stemcells_there,
)
from director.model.ids import EnvironmentName
from director.model.secret_ref import SecretRef
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan
from director.plan import front as planning
from director.plan.request import EnvironmentRequest, ImageNeed, LandingNeed

SSH_USER = "root"


def create_environment(session: Session, *, caller: Caller, end: EnvironmentEnd | None = None) -> Environment:
    """Make what is missing of the landing zone; twice is once. Gives the environment as the cloud has it.

    `end` and the places are recorded before the first resource is created; None leaves the end that is recorded.
    """
    name = session.settings.environment
    saved = session.world.store.load_environment(name)
    made_on = fingerprints_to_save(session, saved)
    environment = replace(saved or new_environment(session), fingerprints=made_on)
    used_places.save_places(session, used_places.present_places(session), who=caller.who)
    with running.hold_deployment(session, environment, ENVIRONMENT_ITSELF, caller=caller) as held:
        now = session.world.store.load_environment(name)  # a stemcell may have been uploaded meanwhile
        environment = replace(environment, uploaded=now.uploaded if now else (), end=end or (now.end if now else None))
        session.world.store.save_environment(held.lease, environment)
        plan = environment_plan(session, environment)
        if not plan.is_empty:
            running.run_plan(session, held, plan)
        landed = observe_landing(session, environment)
        session.world.store.save_environment(held.lease, landed)
        # The landing zone has no state of its own: the cloud knows it. A record would only grow stale.
        session.world.store.delete_deployment(held.lease)
    return landed


def fingerprints_to_save(session: Session, saved: Environment | None) -> tuple[Fingerprint, ...]:
    """Those it was made with, and of clouds that have none yet their own: once their resources are found there.

    Raises InputError, code `environment-moved`.
    """
    if saved is not None:
        fingerprints.require_same_clouds(session, saved)
        recorded_resources.require_found(session, saved)
    known = {each.cloud: each for each in saved.fingerprints} if saved else {}
    return tuple(known.get(each.cloud, each) for each in fingerprints.fingerprints_of(session))


def environment_plan(session: Session, environment: Environment) -> Plan:
    """What is missing before the first VM, or was there without an `up` having got to the end of making it."""
    request = EnvironmentRequest(run=new_run_id(), environment=environment.name)
    whole = frozenset(found.cid for found in environment.landing)
    needs = [replace(need_of(session, environment, name=name), whole=whole) for name in session.world.clouds]
    return planning.make_environment_plan(request, needs)


def observe_landing(session: Session, environment: Environment) -> Environment:
    """The environment with what its clouds say they have, and where its jumpboxes are reached."""
    found = {name: _landing(cloud, environment.name) for name, cloud in session.world.clouds.items()}
    variables = _variables(found)
    addresses = environment_files.jumpbox_addresses(session.file, variables)
    keys = {each.cloud: each.host_key for each in environment.jumpboxes}
    private = environment.jumpboxes if session.file.jumpbox.access == "private" else ()
    return replace(
        environment,
        clouds=environment_files.cloud_choices(session.file),
        landing=tuple(one for landed in found.values() for one in landed if not managed_networks.is_managed(one)),
        stemcells=tuple(
            there
            for name in session.world.clouds
            for there in stemcells_there(
                name, stock_images.stemcells_on(session, name, environment.name), environment.uploaded
            )
        ),
        variables=variables,
        jumpboxes=tuple(
            Jumpbox(
                cloud=name,
                address=address,
                endpoint=endpoint_of(session.world.clouds[name], address, SSH_PORT),
                host_key=keys.get(name),
            )
            for name, address in addresses.items()
        )
        or private,
        storing=frozenset(name for name, landed in found.items() if _is_storing(session.world.clouds[name], landed)),
    )


def _is_storing(cloud: ConnectedCloud, landed: Sequence[FoundLandingResource]) -> bool:
    return cloud.storage is not None and any(resource.kind == cloud.storage.kind for resource in landed)


def endpoint_of(cloud: ConnectedCloud, address: str, port: int) -> Endpoint:
    """Where this machine reaches an address of the cloud: there itself, unless the cloud says otherwise."""
    return cloud.landing.endpoint_of(address, port) if cloud.landing else Endpoint(host=address, port=port)


def _variables(found: Mapping[str, tuple[FoundLandingResource, ...]]) -> Mapping[str, str]:
    """Outputs by their names, the first cloud's where several have one; with several, by cloud too ("aws_...")."""
    variables: dict[str, str] = {}
    for cloud, landed in found.items():
        own = [resource for resource in landed if not managed_networks.is_managed(resource)]
        for name, value in (output for resource in own for output in resource.outputs.items()):
            variables.setdefault(name, value)
            variables[f"{cloud_names.prefix_of(cloud, list(found))}{name}"] = value
    return public_domains.with_system_domain(variables)


def new_environment(session: Session) -> Environment:
    """A login of its own for every environment; nothing is asked of a cloud yet."""
    name = session.settings.environment
    key = f"/{name}/ssh_key"
    session.world.vault.make_secret(VariableSpec(name=key, type="ssh"))
    value = session.world.vault.get_secret(key)
    assert isinstance(value, dict)
    return Environment(
        name=name,
        clouds=environment_files.cloud_choices(session.file),
        ssh=SshAccess(user=SSH_USER, public_key=str(value["public_key"]).strip()),
        ssh_key=SecretRef(name=key, path=("private_key",)),
        former_runs=max((run.number for run in session.world.journal.list_runs(name, limit=1)), default=0),
    )


def need_of(session: Session, environment: Environment, *, name: str) -> LandingNeed:
    """What one cloud must make and what it has of it, by its own word. An uploaded stemcell is no default one."""
    uploaded = {one.action for one in environment.uploaded if one.cloud == name}
    stemcells = stock_images.stemcells_on(session, name, environment.name)
    return replace(
        whole_need_of(session, name=name),
        found=_landing(session.world.clouds[name], environment.name),
        found_stemcells=tuple(one for one in stemcells if one.owner.action not in uploaded),
    )


def recorded_need_of(session: Session, environment: Environment, *, name: str) -> LandingNeed:
    """The same where the cloud has what the last `up` found; asks the cloud only for its identity."""
    return replace(
        whole_need_of(session, name=name),
        found=environment.landing,
        found_stemcells=tuple(one for one in environment.stemcells if one.cloud == name),
    )


def whole_need_of(session: Session, *, name: str) -> LandingNeed:
    """The same as if nothing were there yet; asks the cloud only for its identity."""
    cloud = session.world.clouds[name]
    spec = landing_specs.landing_spec(session, name)
    about = cloud.cloud.info()
    offer = StemcellOffer(os=about.default_os, version=about.default_version, architecture=about.architecture)
    return LandingNeed(
        cloud=name,
        resources=_resources(session, cloud.landing, spec) if cloud.landing else (),
        stemcells=(offer,),
        images=tuple(
            ImageNeed(
                offer=StemcellOffer(os=one.os, version=one.version, architecture=about.architecture), source=one.source
            )
            for one in spec.images
        ),
    )


def _resources(session: Session, landing: Landing, spec: LandingSpec) -> tuple[LandingResource, ...]:
    """What a cloud does not take of networks and names, people wrote: told with its file, before anything is made."""
    try:
        return landing.landing_resources(spec)
    except NotSupportedError:
        raise
    except CloudError as error:
        where = session.written.where("networks")
        raise InputError.of(error, where=where) from error


def _landing(cloud: ConnectedCloud, environment: EnvironmentName) -> tuple[FoundLandingResource, ...]:
    return cloud.landing.find_landing_resources(environment) if cloud.landing else ()
