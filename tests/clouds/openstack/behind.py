"""What an administrator does to the test cloud behind the plugin's back, for faults to be found.

Takes the project of the ordinary user, gives settings of other users; `undo` takes all of it back.
"""

import contextlib
import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import openstack

from cpi.contract.values import JsonValue
from tests.clouds.openstack import place

_READER = "ostest-reader"
_FLAVOR = "m1.nano"


class Administrator:
    """A Behind of tests.support.openstack.planted."""

    def __init__(self, admin: openstack.connection.Connection, own: openstack.connection.Connection) -> None:
        self._admin: Any = admin  # the SDK types answers as they might be with any version of Keystone
        self._own: Any = own
        self._project = str(own.current_project_id)
        self._user = str(own.current_user_id)

    def limit(self, service: str, name: str, value: int | None) -> None:
        """Nova and Cinder have a quota set for a project, Neutron a quota; Nova lowers none below its use unforced."""
        api: Any = {
            "compute": self._admin.compute,
            "volume": self._admin.block_storage,
            "network": self._admin.network,
        }[service]
        is_set = service != "network"
        force = {"force": True} if service == "compute" else {}
        path = f"/os-quota-sets/{self._project}" if is_set else f"/quotas/{self._project}"
        if value is None:
            answer = api.delete(path)
        else:
            answer = api.put(path, json={"quota_set" if is_set else "quota": {name: value, **force}})
        answer.raise_for_status()

    def reader(self) -> Mapping[str, JsonValue]:
        return {"username": _READER}

    def leaving(self) -> Mapping[str, JsonValue]:
        expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
        made = self._own.identity.create_application_credential(
            self._user, name="leaving", expires_at=expires.strftime("%Y-%m-%dT%H:%M:%S")
        )
        return {"application_credential_id": made.id, "application_credential_secret": made.secret}

    def prepare(self) -> None:
        """A user who may read, and a flavour too small for any image."""
        identity = self._admin.identity
        reader = identity.create_user(name=_READER, password="openstack-test", domain_id="default")
        role = identity.find_role("reader")
        identity.put(f"/projects/{self._project}/users/{reader.id}/roles/{role.id}").raise_for_status()
        self._admin.compute.create_flavor(name=_FLAVOR, vcpus=1, ram=64, disk=1, is_public=True)

    def undo(self) -> None:
        """Take them away."""
        identity = self._admin.identity
        identity.delete_user(identity.find_user(_READER))
        self._admin.compute.delete_flavor(self._admin.compute.find_flavor(_FLAVOR))
        for one in list(self._own.identity.application_credentials(self._user)):
            self._own.identity.delete_application_credential(self._user, one)


@contextlib.contextmanager
def administrator() -> Iterator[Administrator]:
    """One for the first ordinary user's project."""
    with contextlib.closing(place.connect("osadmin")) as admin, contextlib.closing(place.connect()) as own:
        behind = Administrator(admin, own)
        with place.sdk_unheard():
            behind.prepare()
        try:
            yield behind
        finally:
            with place.sdk_unheard():
                behind.undo()
