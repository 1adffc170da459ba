"""NATIVE_TEMPLATES: templates handed to Resource Manager itself, in the environment's resource group.

Takes templates, gives what Azure answers. A deployment has the owner key as tags from birth, and its name follows from
the environment and the template: an interrupted call finds it again. What it deploys goes with the group.
"""

from collections.abc import Callable, Mapping
from itertools import chain, repeat
from typing import Any

from cpi.clouds.azure.landing import landing_bodies, native_answers
from cpi.clouds.azure.landing.arm_parts import ArmZone
from cpi.clouds.azure.wire import names, ownership, refusals
from cpi.clouds.azure.wire.underway import ArmOperation, Underway
from cpi.contract.errors import CloudError, ConflictError, DeniedError, NotFoundError, NotSupportedError, Retry
from cpi.contract.json_value import JsonValue
from cpi.contract.long_running import Pending
from cpi.contract.native_templates import (
    DeploymentProgress,
    NativeChange,
    NativeDeployment,
    NativeRefusal,
    NativeTemplate,
    Watch,
)
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, OwnerKey
from cpi.kit import tags, waiting
from cpi.kit.waiting import Looked

Json = Mapping[str, Any]
_FIRST_PAUSES_S = (0.5, 1.0, 2.0)
"""A small deployment is over soon."""
_PAUSE_S = 5.0
_LONGEST_S = 6 * 3600.0
CreateResource = Callable[[LandingResource, OwnerKey], object]


class AzureNativeTemplates:
    """Implements NativeTemplates of cpi.contract. `create` makes a part of the landing zone and waits for it."""

    def __init__(self, zone: ArmZone, create: CreateResource) -> None:
        self._zone = zone
        self._api = zone.api
        self._create = create

    def validate(self, template: NativeTemplate) -> tuple[tuple[str, str], ...]:
        return native_answers.validated(self._answer_to(template, "validate"))

    def what_if(self, template: NativeTemplate) -> tuple[NativeChange, ...]:
        return native_answers.changes(self._answer_to(template, "whatIf"))

    def deploy(self, template: NativeTemplate, watch: Watch) -> NativeDeployment:
        self._require_own_group()
        owner = self._owner_of(template)
        self._create(landing_bodies.group_resource(), owner)
        path, there = self._deployment_path(template), self._find_deployment(template)
        if there is None or native_answers.deployment(there, ()).progress is not DeploymentProgress.RUNNING:
            self._put_deployment(template, owner)
        elif dict(there.get("tags") or {}).get(native_answers.TEMPLATE_TAG) != native_answers.digest(template):
            raise ConflictError(
                "deployment-running",
                f"Deployment '{there['name']}' is still deploying another version of the template.",
                why="Resource Manager runs one deployment of a name at a time.",
                fix=f"Wait for its end, or run `az deployment group cancel -g {self._zone.places.group} "
                f"-n {there['name']}`.",
            )

        pauses_s = chain(_FIRST_PAUSES_S, repeat(_PAUSE_S))

        def look(deployment: str) -> Looked[str, NativeDeployment]:
            found = self._deployment_at(deployment)
            watch(found)
            if found.progress is DeploymentProgress.RUNNING:
                return Looked(state=deployment, after_s=next(pauses_s))
            return Looked(result=found)

        return waiting.follow(look(path), look, clock=self._api.clock, limit=self._limit("deploying the template"))

    def _answer_to(self, template: NativeTemplate, action: str) -> JsonValue:
        """The answer to a question about a template. Raises NativeRefusal."""
        self._require_group()
        operation: ArmOperation | None = None
        answer: JsonValue = None
        try:
            answer = dict(self._api.post(f"{self._deployment_path(template)}/{action}", native_answers.body(template)))
        except Underway as found:
            operation = found.operation
        except CloudError as error:
            raise _refused(error) from error
        if operation is not None:
            answer = self._end_of(operation)
        found_problems = native_answers.problems(answer)
        if found_problems:
            raise NativeRefusal(found_problems)
        return answer

    def _end_of(self, operation: ArmOperation) -> JsonValue:
        def look(state: ArmOperation) -> Looked[ArmOperation, Json]:
            going, result = self._api.look(state)
            if going is not None:
                return Looked(state=going, after_s=going.after_s)
            return Looked(result=result if isinstance(result, Mapping) else {})

        begun: Looked[ArmOperation, Json] = Looked(state=operation, after_s=operation.after_s)
        try:
            found: Json = waiting.follow(begun, look, clock=self._api.clock, limit=self._limit(operation.doing))
        except CloudError as error:
            raise _refused(error) from error
        return found

    def _put_deployment(self, template: NativeTemplate, owner: OwnerKey) -> None:
        own = {**tags.tags_of(owner), native_answers.TEMPLATE_TAG: native_answers.digest(template)}
        try:
            self._api.put(self._deployment_path(template), {**native_answers.body(template), "tags": own}, waits=False)
        except CloudError as error:
            raise _refused(error) from error

    def _deployment_at(self, path: str) -> NativeDeployment:
        answer = ownership.need(self._api.get(path), "deployment")
        return native_answers.deployment(answer, self._api.list(f"{path}/operations"))

    def _find_deployment(self, template: NativeTemplate) -> Json | None:
        there = self._api.get(self._deployment_path(template))
        return ownership.require(there, self._zone.environment) if there is not None else None

    def _deployment_path(self, template: NativeTemplate) -> str:
        return self._zone.places.path(names.DEPLOYMENT, names.name_of(self._owner_of(template), "template"))

    def _owner_of(self, template: NativeTemplate) -> OwnerKey:
        environment, action = self._zone.environment, f"template/{template.name}"
        return OwnerKey(environment=environment, deployment=ENVIRONMENT_ITSELF, action=action)

    def _limit(self, text: str) -> Pending:
        return Pending(handle="", after_s=_PAUSE_S, text=text, limit_s=_LONGEST_S)

    def _require_group(self) -> None:
        """Resource Manager answers questions about a template only in a group that exists."""
        if self._api.get(self._zone.places.scope()) is None:
            raise NotFoundError(
                "unknown-resource-group",
                f"Resource group '{self._zone.places.group}' does not exist.",
                why="Resource Manager validates a template in the group where it would be deployed.",
                fix="Run `compleat up`, which creates the group of the environment, or validate without `--native`.",
            )

    def _require_own_group(self) -> None:
        if self._zone.settings.resource_group_name:
            raise NotSupportedError(
                "resource-group-foreign",
                f"Resource group '{self._zone.places.group}' does not belong to the environment.",
                why="`compleat down` deletes what a template deployed with its group, and this group stays.",
                fix="Remove resource_group_name from the environment's file, or deploy without `--native`.",
            )


def _refused(error: CloudError) -> Exception:
    """What Azure says is wrong with the template; the error itself where it is about something else."""
    found = native_answers.problems(refusals.body_of(error))
    is_about_access = isinstance(error, DeniedError) or error.retry is not Retry.NEVER
    return error if is_about_access or not found else NativeRefusal(found)
