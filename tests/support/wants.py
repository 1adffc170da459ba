"""What tests want deployed: a small world of groups, packages and networks, and one as large as a platform.

Takes differences, gives Desired.
"""

from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.values import NetworkKind
from director.model.environments.desired import (
    Az,
    Compilation,
    Count,
    Desired,
    DiskSpec,
    Group,
    GroupNetwork,
    IpRange,
    Job,
    Network,
    PackageNeed,
    StemcellOffer,
    Subnet,
    UpdatePolicy,
    VariableSpec,
    WatchTime,
)
from director.model.ids import DeploymentName, EnvironmentName, GroupName
from director.model.releases.release import PackageSource, ReleaseJob, ReleaseReference, TemplateFile
from director.model.secret_ref import SecretRef

ENVIRONMENT = EnvironmentName("test")
DEPLOYMENT = DeploymentName("app")
STEMCELL = StemcellOffer(os="memory-linux", version="1.0", architecture="x86_64")
CIDR = "10.0.0.0/16"
POLICY = UpdatePolicy(
    canaries=Count(number=1),
    max_in_flight=Count(number=2),
    canary_watch=WatchTime(min_ms=1000, max_ms=30000),
    update_watch=WatchTime(min_ms=1000, max_ms=30000),
)


def package(name: str, *dependencies: PackageNeed, release: str = "tools") -> PackageNeed:
    """A package to compile, whose key follows from its name."""
    reference = ReleaseReference(name=release, version="1")
    return PackageNeed(
        key=f"{name}-key",
        name=name,
        version=f"{name}-print",
        release=release,
        stemcell=STEMCELL,
        source=PackageSource(
            reference=reference, package=name, fingerprint=f"{name}-print", architecture=STEMCELL.architecture
        ),
        dependencies=tuple(dependency.key for dependency in dependencies),
    )


def job(name: str, *packages: PackageNeed, **properties: str | int | SecretRef) -> Job:
    """A job with one template and every lifecycle script the planner asks for."""
    scripts = ("pre-start", "post-start", "pre-stop", "post-stop", "drain", "post-deploy")
    templates = tuple(
        TemplateFile(source=f"{script}.j2", destination=f"bin/{script}", content=b"#!/bin/sh") for script in scripts
    )
    source = ReleaseJob(
        name=name,
        fingerprint=f"{name}-print",
        where=f"jobs/{name}/spec",
        templates=templates,
        monit=b"",
    )
    return Job(
        name=name,
        release="tools",
        release_version="1",
        source=source,
        properties=properties,
        packages=tuple(one.key for one in packages),
    )


def group(name: str, instances: int, *jobs: Job, disk_mib: int = 0, update: UpdatePolicy = POLICY) -> Group:
    """An instance group on the default network."""
    packages = {key for one in jobs for key in one.packages}
    return Group(
        name=GroupName(name),
        instances=instances,
        stemcell=STEMCELL,
        networks=(GroupNetwork(name="default", defaults=("dns", "gateway")),),
        update=update,
        azs=("z1",),
        jobs=jobs,
        packages=tuple(sorted(packages)),
        cloud_properties={"instance_type": "small"},
        disk=DiskSpec(size_mib=disk_mib) if disk_mib else None,
    )


def desired(*groups: Group, packages: tuple[PackageNeed, ...] = (), workers: int = 2, text: str = "v1") -> Desired:
    """A deployment of these groups on one network; `text` is its manifest."""
    network = Network(
        name="default",
        kind=NetworkKind.MANUAL,
        subnets=(Subnet(cidr="10.0.0.0/24", gateway="10.0.0.1", cloud_properties={"network": "main"}),),
    )
    return Desired(
        environment=ENVIRONMENT,
        deployment=DEPLOYMENT,
        manifest=text,
        azs=(Az(name="z1"),),
        networks=(network,),
        groups=groups,
        compilation=Compilation(workers=workers, network="default", az="z1"),
        packages=packages,
        variables=(VariableSpec(name="/test/app/password", type="password"),),
    )


RUNTIME = package("runtime")
SERVER = package("server", RUNTIME)


def small() -> Desired:
    """A database with a disk and two web servers, two packages, one secret."""
    database = group("db", 1, job("db", SERVER, password=SecretRef(name="/test/app/password")), disk_mib=1024)
    web = group("web", 2, job("web", RUNTIME, SERVER, port=80))
    return desired(database, web, packages=(RUNTIME, SERVER))


def small_changed() -> Desired:
    """The same with a larger disk, another port, one web server more and a larger database VM."""
    database = group("db", 1, job("db", SERVER, password=SecretRef(name="/test/app/password")), disk_mib=2048)
    web = group("web", 3, job("web", RUNTIME, SERVER, port=8080))
    larger = replace(database, cloud_properties={"instance_type": "medium"})
    return desired(larger, web, packages=(RUNTIME, SERVER), text="v2")


def in_words_of(desired: Desired, types: Mapping[str, str]) -> Desired:
    """The same for a real cloud: its own instance types for ours, and without the addresses that clouds keep."""
    network = desired.networks[0]
    subnet = replace(network.subnets[0], reserved=(IpRange(first="10.0.0.1", last="10.0.0.9"),))
    groups = [
        replace(group, cloud_properties={"instance_type": types[str(group.cloud_properties["instance_type"])]})
        for group in desired.groups
    ]
    return replace(
        desired,
        networks=(replace(network, subnets=(subnet,)),),
        groups=tuple(groups),
        compilation=replace(desired.compilation, cloud_properties={"instance_type": types["small"]}),
    )
