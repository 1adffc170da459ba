"""Storage accounts of templates on AWS: buckets that are made once, found again, and deleted with what is in them."""

from collections.abc import Iterator, Sequence

import pytest

from cpi.clouds.aws.wire import names
from cpi.contract.cloud import ConnectedCloud, Landing
from cpi.contract.errors import ConflictError, DeniedError, LostReplyError, TransientError
from cpi.contract.landing_parts import StorageAccountSpec
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    FoundLandingResource,
    LandingResource,
    LandingSpec,
    OwnerKey,
    PreflightRequest,
)
from tests.support.aws import shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule, Trouble

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="landing")
SPEC = LandingSpec(
    networks={"main": "10.9.0.0/24"},
    public_names=(),
    storage_accounts=(StorageAccountSpec(name="diag4711", containers=("logs",)),),
)


@pytest.fixture(name="emulator")
def _emulator() -> Iterator[Emulator]:
    emulator = shared.fresh_emulator()
    yield emulator
    emulator.faults.clear()
    emulator.account.denied.clear()


def _landing(connected: ConnectedCloud) -> Landing:
    assert connected.landing is not None
    return connected.landing


def _wanted(landing: Landing) -> list[LandingResource]:
    return [one for one in landing.landing_resources(SPEC) if one.kind.startswith("blob_")]


def _make(landing: Landing, resources: Sequence[LandingResource]) -> list[FoundLandingResource]:
    made: list[FoundLandingResource] = []
    for resource in resources:
        for _ in range(6):
            try:
                made.append(landing.create_landing_resource(resource, OWNER))
            except (LostReplyError, TransientError):
                continue
            break
        else:
            pytest.fail(f"{resource.name} was never done")
    return made


def _name() -> str:
    account = str(shared.usual_api().read("sts", "GetCallerIdentity")["Account"])
    prefix = names.account_prefix("env", account=account, region=shared.usual_api().region)
    assert len(f"{prefix}{'x' * 24}") <= 63
    return f"{prefix}diag4711"


@pytest.mark.parametrize("trouble", [Trouble.LOST_AFTER, Trouble.LOST_BEFORE])
def test_a_bucket_is_made_once_after_lost_answers_and_goes_with_what_is_in_it(
    emulator: Emulator, trouble: Trouble
) -> None:
    landing, api, name = _landing(shared.connect(emulator, "env")), shared.usual_api(), _name()
    for action in (f"PUT /{name}", f"PUT /{name}/logs/"):
        emulator.faults.add(Rule(action=action, trouble=trouble))
    account, container = _make(landing, _wanted(landing))
    assert account.outputs["diag4711_storage_account"] == name
    assert account.outputs["diag4711_storage_url"].endswith(f"/{name}/")
    for key in ("logs/one.txt", "logs/deep/two.txt", "loose.txt"):
        api.change("s3", "PutObject", Bucket=name, Key=key, Body=b"1")
    api.change("s3", "CreateBucket", Bucket=f"{name}-mine")
    found = {one.name: one for one in landing.find_landing_resources("env")}
    assert set(found) == {"diag4711", "diag4711/logs"}
    assert found["diag4711"].owner == found["diag4711/logs"].owner == OWNER
    landing.delete_landing_resource(container.cid)
    assert [one["Key"] for one in api.read("s3", "ListObjectsV2", Bucket=name)["Contents"]] == ["loose.txt"]
    for _ in range(2):
        landing.delete_landing_resource(account.cid)
        landing.delete_landing_resource(container.cid)
    assert landing.find_landing_resources("env") == ()
    assert [one["Name"] for one in api.read("s3", "ListBuckets")["Buckets"]] == [f"{name}-mine"]
    api.change("s3", "DeleteBucket", Bucket=f"{name}-mine")


def test_a_bucket_of_somebody_else_is_told_by_the_plan_and_never_touched(emulator: Emulator) -> None:
    connected, api, name = shared.connect(emulator, "env"), shared.usual_api(), _name()
    landing = _landing(connected)
    api.change("s3", "CreateBucket", Bucket=name)
    assert connected.preflight is not None
    found = connected.preflight.preflight(PreflightRequest(landing=landing.landing_resources(SPEC)))
    assert [one.code for one in found if one.is_fatal] == ["name-taken"]
    with pytest.raises(ConflictError, match="name-taken"):
        landing.create_landing_resource(_wanted(landing)[0], OWNER)
    landing.delete_landing_resource(f"blob_account:{name}")  # type: ignore[arg-type]
    assert [one["Name"] for one in api.read("s3", "ListBuckets")["Buckets"]] == [name]
    api.change("s3", "DeleteBucket", Bucket=name)


def test_a_login_that_lists_no_buckets_has_none_and_is_refused_one(emulator: Emulator) -> None:
    connected = shared.connect(emulator, "env")
    landing = _landing(connected)
    emulator.account.denied |= {"s3:ListAllMyBuckets", "s3:GET /"}
    assert landing.find_landing_resources("env") == ()
    with pytest.raises(DeniedError):
        landing.create_landing_resource(_wanted(landing)[0], OWNER)
    assert connected.preflight is not None
    found = connected.preflight.preflight(PreflightRequest(landing=landing.landing_resources(SPEC)))
    assert [one.code for one in found if one.is_fatal] == ["permissions-missing"]
    plain = landing.landing_resources(LandingSpec(networks=SPEC.networks, public_names=()))
    assert [one.code for one in connected.preflight.preflight(PreflightRequest(landing=plain)) if one.is_fatal] == []
