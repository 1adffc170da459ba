"""A preview of a bundle: errors are found before its environment is created.

Takes a Session and a bundle's deployments as files, gives the steps that would run, or all their problems at
once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from cpi.contract.errors import ExplainedError, NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, SshAccess, StemcellCid
from director import errors
from director.app.checks import release_content
from director.app.landing import landing_zones
from director.app.sessions import environment_files, landing_specs, reading
from director.app.sessions.session import Session, new_run_id
from director.app.use_cases import bundle_stemcells, plan_ahead
from director.app.use_cases.plan_ahead import PlannedDeployment
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.errors import InputError, raise_all
from director.model import cloud_names, document_places, stemcell_names
from director.model.document_places import DocumentPlaces
from director.model.environments.environment import Environment, StemcellThere
from director.model.secret_ref import SecretRef
from director.model.tasks.plan import Plan
from director.observe import queries
from director.plan import front as planning
from director.plan.acting import errands as errand_plans
from director.plan.deciding.preflight_requests import DeploymentStep
from director.plan.request import EnvironmentRequest
from director.resolve import bundles, placeholder_outputs

_OBSERVE_LIMIT_S = 4.0
"""How long a cloud may take to list its resources; without an answer it has what is recorded of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePreview:
    """The steps in order, and the deployments they are of.

    `unknown` are placeholders for public addresses that are not reserved yet. `elapsed_s` is how long the
    clouds took to list their resources, which shortens preflight's limit.
    """

    steps: tuple[DeploymentStep, ...]
    deployments: tuple[PlannedDeployment, ...]
    unknown: frozenset[str]
    elapsed_s: float

    @property
    def places(self) -> DocumentPlaces:
        """Where the documents of all deployments have what a cloud may refuse."""
        return places_of(self.deployments)


def places_of(deployments: Sequence[PlannedDeployment]) -> DocumentPlaces:
    """The places of all; what several have, the last of them: jumpboxes come first."""
    return document_places.joined(each.desired.places for each in reversed(deployments))


def check(session: Session, requested: Sequence[RequestedDeployment]) -> tuple[PlannedDeployment, ...]:
    """Resolve every deployment in the environment as it is, or will be. Raises InputError and Problems."""
    return _resolved(session, preview_environment(session, requested), requested)


def preview_bundle(session: Session, requested: Sequence[RequestedDeployment]) -> BundlePreview:
    """Resolve every deployment in the environment as it is, or will be, and plan it there; nothing is written.

    Raises InputError and Problems, Interrupted, and NotSupportedError as a cloud gives it.
    """
    environment = preview_environment(session, requested)
    wanted = _resolved(session, environment, requested)
    session.world.renderer.prepare(job for each in wanted for group in each.desired.groups for job in group.jobs)
    steps = plan_ahead.plan_all(session, environment, wanted)
    _check_content(session, wanted, steps)
    began = session.world.runner.now()
    landing = landing_plan(session, environment)
    return BundlePreview(
        steps=(DeploymentStep(plan=landing), *steps),
        deployments=wanted,
        unknown=frozenset(placeholder_outputs_of(session).values()),
        elapsed_s=session.world.runner.now() - began,
    )


def _check_content(session: Session, wanted: Sequence[PlannedDeployment], steps: Sequence[DeploymentStep]) -> None:
    problems: list[ExplainedError] = []
    for each, step in zip(wanted, steps, strict=True):
        try:
            release_content.check_content(session, each.desired, step.plan)
        except InputError as error:
            problems.extend(errors.each_problem(error))
    raise_all(problems)


def preview_environment(session: Session, requested: Sequence[RequestedDeployment] = ()) -> Environment:
    """The environment with placeholders for unknown values: public addresses are those reserved for documentation.

    It has the stemcells that are uploaded with what is requested.
    """
    name = session.settings.environment
    choices = environment_files.cloud_choices(session.file)
    environment = session.world.store.load_environment(name) or Environment(
        name=name,
        clouds=choices,
        ssh=SshAccess(user=landing_zones.SSH_USER, public_key=placeholder_outputs.SSH_KEY),
        ssh_key=SecretRef(name="/", path=()),
    )
    known = {each.cloud for each in environment.stemcells if not stemcell_names.is_of_image(each.os)}
    return replace(
        environment,
        clouds=choices,
        variables={**placeholder_outputs_of(session), **environment.variables},
        stemcells=(
            *environment.stemcells,
            *(each for each in _offered(session) if each.cloud not in known),
            *_images(session, environment, choices[0].name),
            *bundle_stemcells.planned_stemcells(session, environment, requested),
        ),
    )


def _resolved(
    session: Session, environment: Environment, requested: Sequence[RequestedDeployment]
) -> tuple[PlannedDeployment, ...]:
    wanted: list[PlannedDeployment] = []
    problems: list[ExplainedError] = []
    for each in requested:
        try:
            desired = reading.read_desired(session, environment, each.files)
        except InputError as error:
            problems.extend(errors.each_problem(error))
            continue
        known = errand_plans.errand_names(desired)
        problems.extend(errand_plans.unknown_errand(desired, name) for name in each.errands if name not in known)
        wanted.append(PlannedDeployment(desired=desired, errands=each.errands, options=each.options))
    raise_all({str(problem.where) + str(problem): problem for problem in problems}.values())
    index = next((each.index for each in requested if each.index is not None), None)
    if index is not None:
        bundles.check_report(index, [each.desired for each in wanted])
    return tuple(wanted)


def landing_plan(session: Session, environment: Environment) -> Plan:
    """What is missing of landing zones and stemcells: as the clouds say if they answer soon, else as recorded."""
    questions = {name: partial(landing_zones.need_of, session, environment, name=name) for name in session.world.clouds}
    looked = queries.ask_within(session.world.runner, questions, limit_s=_OBSERVE_LIMIT_S)
    for answer in looked.values():
        if isinstance(answer.error, NotSupportedError):
            raise answer.error
    needs = [
        answer.answers[-1] if answer.answers else landing_zones.recorded_need_of(session, environment, name=name)
        for name, answer in looked.items()
    ]
    return planning.make_environment_plan(EnvironmentRequest(run=new_run_id(), environment=environment.name), needs)


def placeholder_outputs_of(session: Session) -> Mapping[str, str]:
    """An address for each public name of each cloud that reserves them."""
    return placeholder_outputs.describe_addresses(
        (cloud_names.prefix_of(cloud, list(session.world.clouds)), name)
        for cloud, connected in session.world.clouds.items()
        if connected.landing is not None and connected.has_landing_zone
        for name in landing_specs.landing_spec(session, cloud).public_names
    )


def _images(session: Session, environment: Environment, name: str) -> Iterator[StemcellThere]:
    """Those of a template that is planned, and not there yet, on the cloud `name`."""
    known = {(one.cloud, one.os, one.version) for one in environment.stemcells}
    about = session.world.clouds[name].cloud.info()
    owner = OwnerKey(environment=session.settings.environment, deployment=ENVIRONMENT_ITSELF, action="")
    for one in session.template_parts.images:
        if (name, one.os, one.version) not in known:
            yield StemcellThere(
                cid=StemcellCid(""),
                owner=owner,
                os=one.os,
                version=one.version,
                architecture=about.architecture,
                cloud=name,
            )


def _offered(session: Session) -> tuple[StemcellThere, ...]:
    owner = OwnerKey(environment=session.settings.environment, deployment=ENVIRONMENT_ITSELF, action="")
    about = [(name, cloud.cloud.info()) for name, cloud in session.world.clouds.items()]
    return tuple(
        StemcellThere(
            cid=StemcellCid(""),
            owner=owner,
            os=each.default_os,
            version=each.default_version,
            architecture=each.architecture,
            cloud=name,
        )
        for name, each in about
    )
