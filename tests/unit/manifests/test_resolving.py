"""The director reads and resolves what we ship without a complaint, and understands by it what we mean."""

from director.edge.releases import release_directory
from director.model.environments.desired import Desired, Lifecycle, StemcellOffer
from director.model.documents import Source
from director.model.ids import EnvironmentName
from director.model.releases.release import ReleaseReference
from director.resolve.front import ResolveRequest, UsedRelease, resolve_desired
from director.text import front
from director.releases import releases
from director.text.variables.bind import KnownNames
from tests.unit.manifests.test_manifests import DEPLOYMENTS
from tests.unit.manifests.test_releases import MANIFESTS, RELEASES

_KNOWN = KnownNames(values={"console_public_ip": "127.80.1.2", "console_public_host": "127.80.1.2"})


def resolve(name: str) -> Desired:
    """Resolve a deployment on the local cloud config."""
    manifest, config = DEPLOYMENTS[name], MANIFESTS / "cloud-configs/local.yml"
    documents = front.read_documents(
        *(
            front.Reading(source=Source(name=path.name, content=path.read_bytes()), known=_KNOWN)
            for path in (manifest, config)
        )
    )
    draft = releases.read_release_tree(release_directory.read_tree(RELEASES[name]))
    digests = release_directory.FileDigests().digest_files(RELEASES[name], draft.unread())
    release = releases.finish_release(draft, digests).release
    return resolve_desired(
        ResolveRequest(
            environment=EnvironmentName("local"),
            manifest=documents.manifest,
            cloud_config=documents.cloud_config,
            releases={name: UsedRelease(release=release, reference=ReleaseReference(name=name, version="create"))},
            stemcells=(StemcellOffer(os="debian", version="12", architecture="x86_64"),),
        )
    )


def test_the_platform_is_three_services_and_an_errand_with_links_between_them() -> None:
    desired = resolve("platform")
    assert [(group.name, group.instances, group.lifecycle) for group in desired.groups] == [
        ("postgres", 1, Lifecycle.SERVICE),
        ("redis", 1, Lifecycle.SERVICE),
        ("console", 1, Lifecycle.SERVICE),
        ("smoke-tests", 1, Lifecycle.ERRAND),
    ]
    sources = {
        (job.name, link.name, link.source.group) for group in desired.groups for job in group.jobs for link in job.links
    }
    assert sources == {
        ("console", "postgres", "postgres"),
        ("console", "redis", "redis"),
        ("console", "nats", "redis"),
        ("smoke-tests", "postgres", "postgres"),
        ("smoke-tests", "redis", "redis"),
        ("smoke-tests", "nats", "redis"),
        ("smoke-tests", "console", "console"),
    }


def test_the_platform_has_disks_where_data_is_and_one_public_address() -> None:
    groups = {group.name: group for group in resolve("platform").groups}
    assert {name: group.disk.size_mib for name, group in groups.items() if group.disk} == {
        "postgres": 1024,
        "redis": 1024,
    }
    public = {name: use.static_ips for name, group in groups.items() for use in group.networks if use.name == "public"}
    assert public == {"console": ("127.80.1.2",)}


def test_the_platform_compiles_each_package_once_and_makes_its_secrets_in_order() -> None:
    desired = resolve("platform")
    assert sorted(need.name for need in desired.packages) == [
        "console",
        "nats",
        "postgres",
        "python-libraries",
        "redis",
        "smoke-tests",
    ]
    assert [variable.name.rpartition("/")[2] for variable in desired.variables] == [
        "postgres_login",
        "postgres_login_previous",
        "redis_password",
        "redis_password_previous",
        "nats_login",
        "nats_login_previous",
        "console_admin_password",
        "console_admin_password_previous",
        "console_session_key",
        "console_session_key_previous",
        "platform_ca",
        "console_tls",
    ]


def test_the_example_is_one_group_of_one_job() -> None:
    assert [(group.name, [job.name for job in group.jobs]) for group in resolve("hello").groups] == [
        ("hello", ["hello"])
    ]


def test_the_bundles_index_is_read() -> None:
    path = MANIFESTS / "platform/index.yml"
    bundle = front.read_bundle(front.Reading(source=Source(name=path.name, content=path.read_bytes()))).document
    assert [(one.manifest, tuple(one.errands)) for one in bundle.deployments] == [("platform.yml", ("smoke-tests",))]
    assert set(bundle.report) == {"console"}
