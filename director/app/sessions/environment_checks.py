"""Settings of an environment file that are repeated, unused or without effect.

Takes the file as written, gives problems, and findings that forbid nothing.
"""

from collections.abc import Iterator, Mapping

from cpi.contract.values import Finding
from director.app.sessions import release_addresses
from director.errors import InputError
from director.model.documents import WrittenDocument
from director.model.ids import EnvironmentName
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from director.report import release_rows

_OF_ONE_CLOUD = ("cloud", "properties")
_OF_CPIS = ("stemcells", "landing")


def problems(written: WrittenDocument[EnvironmentFile], *, stored: str = "") -> Iterator[InputError]:
    """Keys that would not be used: public-name-twice, environment-clouds-twice, cpi-config-missing,
    jumpbox-place-unused; and release-source-wrong.

    `stored` is the title of a stored CPI config, "" without one.
    """
    yield from _public_names_twice(written)
    yield from _release_sources(written)
    yield from _unused_jumpbox_places(written)
    file = written.document
    named = "'clouds'" if file.clouds else "'cpi_config'" if file.cpi_config is not None else ""
    beside = named or (f"the stored {stored}" if stored else "")
    for key in _OF_ONE_CLOUD:
        if beside and key in file.model_fields_set:
            yield InputError(
                "environment-clouds-twice",
                f"'{key}' has no effect beside {beside}.",
                why=f"'{key}' is for an environment of one cloud; with {beside}, each cloud has its own there.",
                fix=f"Remove '{key}', or move it to its cloud.",
                where=written.where(key),
            )
    other = "'cpi_config'" if file.cpi_config is not None else f"the stored {stored}" if stored else ""
    if file.clouds and other:
        yield InputError(
            "environment-clouds-twice",
            f"'clouds' is set beside {other}.",
            why="Each of them lists all clouds of the environment.",
            fix="Keep one of them.",
            where=written.where("clouds"),
        )
    for key in _OF_CPIS:
        if file.cpi_config is None and not stored and getattr(file, key):
            yield InputError(
                "cpi-config-missing",
                f"'{key}' has no effect without 'cpi_config'.",
                why=f"'{key}' holds settings for each CPI, by its name in the cpi-config.",
                fix="Set it on the cloud itself (properties.stemcell, networks, public_names), or set cpi_config.",
                where=written.where(key),
            )


_PLACES = ("network", "vip_network", "vm_type", "az")


def _unused_jumpbox_places(written: WrittenDocument[EnvironmentFile]) -> Iterator[InputError]:
    jumpbox = written.document.jumpbox
    unused = {"public": (), "private": ("vip_network",), "none": _PLACES}[jumpbox.access]
    for key in (key for key in unused if getattr(jumpbox, key) is not None):
        none, private = "there is no jumpbox", "the jumpbox has no public address"
        yield InputError(
            "jumpbox-place-unused",
            f"'{key}' of 'jumpbox' has no effect.",
            why=f"With access '{jumpbox.access}' {none if jumpbox.access == 'none' else private}.",
            fix=f"Remove '{key}', or correct 'access'.",
            where=written.where("jumpbox", key),
        )


def remarks(
    file: EnvironmentFile, environment: EnvironmentName, *, has_landing: Mapping[str, bool]
) -> Iterator[Finding]:
    """Keys that have no effect, of a file with all its clouds; `has_landing` is by the clouds' names."""
    if file.name != environment:
        yield _unused(
            f"The environment's file says `name: {file.name}`.",
            f"The file is named after the environment '{environment}'.",
            f"Write `name: {environment}`.",
        )
    owned = {
        "networks": bool(file.clouds) and all(cloud.networks is not None for cloud in file.clouds),
        "public_names": bool(file.clouds) and file.clouds[0].public_names is not None,
    }
    for key, is_owned in owned.items():
        if key in file.model_fields_set and not any(has_landing.values()):
            yield _of_landing(f"'{key}' of the environment's file has no effect.")
        elif key in file.model_fields_set and is_owned:
            yield _unused(
                f"'{key}' of the environment's file has no effect.",
                "Each cloud that supports it sets its own.",
                f"Remove '{key}'.",
            )
    for cloud in file.clouds:
        own = [key for key in owned if getattr(cloud, key)]
        if own and not has_landing.get(cloud.name, True):
            yield _of_landing(f"'{' and '.join(own)}' of cloud '{cloud.name}' has no effect.")


def cpi_remarks(config: WrittenDocument[CpiConfig] | None) -> Iterator[Finding]:
    """The same of a cpi-config, and its own remarks."""
    for remark in config.remarks if config is not None else ():
        yield Finding(code=remark.code, what=f"{remark.text} ({remark.where})", why="", fix="", is_fatal=False)
    for cpi in config.document.cpis if config is not None else ():
        if cpi.migrated_from:
            names = ", ".join(f"'{former.name}'" for former in cpi.migrated_from)
            yield _unused(
                f"CPI '{cpi.name}' lists {names} under migrated_from, which has no effect.",
                "compleat records each resource under the name of its CPI at creation.",
                "Keep the name that the CPI had when the resources were created.",
            )


def check_stemcells(written: WrittenDocument[EnvironmentFile], config: CpiConfig) -> Iterator[InputError]:
    """Images of CPI executables are set beside the cpi-config; compleat's plugins have theirs in their properties."""
    plugins = {cpi.name: cpi.type for cpi in config.cpis if cpi.exec_path is None}
    for name in written.document.stemcells:
        if name in plugins:
            yield InputError(
                "cpi-stemcell-unused",
                f"'stemcells' names CPI '{name}', which is not an external CPI executable.",
                why=f"The plugin '{plugins[name]}' finds its stemcell itself.",
                fix=f"Remove it; the properties of '{name}' in the cpi-config may name another image.",
                where=written.where("stemcells", name),
            )


def _release_sources(written: WrittenDocument[EnvironmentFile]) -> Iterator[InputError]:
    for index, source in enumerate(written.document.release_sources):
        fault = release_addresses.fault_of(source)
        if fault:
            yield InputError(
                "release-source-wrong",
                f"'{release_rows.shown_address(source)}' is not a source of releases.",
                why=fault,
                fix="Write an address such as https://releases.example/{name}?v={version}, or a directory of "
                "tarballs called NAME-VERSION.tgz.",
                where=written.where("release_sources", index),
            )


def _public_names_twice(written: WrittenDocument[EnvironmentFile]) -> Iterator[InputError]:
    """Public names that a list says again: one address would be made, or two, as the cloud likes."""
    file = written.document
    lists: list[tuple[tuple[str | int, ...], tuple[str, ...]]] = [(("public_names",), file.public_names)]
    lists += [(("clouds", at, "public_names"), one.public_names or ()) for at, one in enumerate(file.clouds)]
    lists += [(("landing", name, "public_names"), one.public_names or ()) for name, one in file.landing.items()]
    for path, names in lists:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield InputError(
                    "public-name-twice",
                    f"Public name '{name}' is listed twice.",
                    why="Each public name is one public address of the landing zone.",
                    fix="Remove one of the two, or give the second another name.",
                    where=written.where(*path, index),
                )


def _of_landing(what: str) -> Finding:
    why = "compleat creates no landing zone on this cloud: networks and addresses belong to the cloud."
    return _unused(what, why, "Remove it; the cloud config names the existing networks.")


def _unused(what: str, why: str, fix: str) -> Finding:
    return Finding(code="environment-key-unused", what=what, why=why, fix=fix, is_fatal=False)
