"""Test beds as a newcomer finds them: what to answer to `init`, and how to sign in.

Takes a folder, gives Beds that end with the block.
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from cpi.clouds.local.host import state_root
from tests.e2e.clouds import on_aws, on_azure
from tests.support.azure import login as logins
from tests.support.azure.catalogue import LOCATION
from tests.support.azure.store import SUBSCRIPTION
from tests.support.inbound_rules import OPERATOR
from tests.support.newcomers import Bed, Typed
from tests.support.typed_terminal import patient_template

_KEY_AND_DOMAIN: Sequence[Typed] = (("sshPublicKey [none]: ", ""), ("domain [none]: ", ""))
_SOURCES: Sequence[Typed] = (("allowedSources", OPERATOR), ("allowedSources", f"{OPERATOR}/32"))
"""What is no range is asked again."""


@contextlib.contextmanager
def on_local(name: str, folder: Path) -> Iterator[Bed]:
    """This machine."""
    yield Bed(
        words=(),
        typed=(
            ("cloud [local]: ", "lcal"),
            ("cloud [local]: ", "1"),
            ("name [local]: ", "My Env"),
            ("name [local]: ", name),
            *_KEY_AND_DOMAIN,
        ),
        env={"COMPLEAT_TIMER": "process"},
        held=lambda: [entry.name for entry in Path(state_root.default_root()).glob(f"{name}-*")],
        is_priced=False,
        secret="PRIVATE KEY",
    )


@contextlib.contextmanager
def on_aws_bed(name: str, folder: Path) -> Iterator[Bed]:
    """A profile of ~/.aws leads to the emulator."""
    with on_aws.opened() as place:
        keys = {key: str(place.properties[key]) for key in ("access_key_id", "secret_access_key")}
        lines = ["[trial]", *(f"aws_{key} = {value}" for key, value in keys.items())]
        (folder / "credentials").write_text("\n".join(lines))
        (folder / "config").write_text("")
        yield Bed(
            words=("--template", patient_template("aws", folder)),
            typed=(
                ("name [aws]: ", name),
                ("profile [none]: ", "trial"),
                ("location [us-east-1]: ", "mars-1"),
                ("location [us-east-1]: ", ""),
                ("size [small]: ", ""),
                *_SOURCES,
                *_KEY_AND_DOMAIN,
            ),
            env={
                "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
                "AWS_CONFIG_FILE": str(folder / "config"),
                "AWS_ENDPOINT_URL": str(place.properties["endpoint_url"]),
            },
            held=place.held,
            is_priced=True,
            secret=keys["secret_access_key"],
        )


@contextlib.contextmanager
def on_azure_bed(name: str, folder: Path) -> Iterator[Bed]:
    """What `az login` leaves, and a principal's file."""
    with on_azure.opened() as place:
        (folder / "principal.json").write_text(json.dumps({"client_id": logins.CLIENT, "client_secret": logins.SECRET}))
        (folder / "principal.json").chmod(0o600)
        known = ("subscription_id", "tenant_id", "location", "credentials")
        further = {key: value for key, value in place.properties.items() if key not in known}
        user = {"name": "ada@example.org", "type": "user"}
        dev = {"id": SUBSCRIPTION, "name": "Dev", "tenantId": logins.TENANT, "isDefault": True, "user": user}
        (folder / "azureProfile.json").write_text(json.dumps({"subscriptions": [dev]}), encoding="utf-8-sig")
        yield Bed(
            words=(
                *("--template", patient_template("azure", folder)),
                *("--set", f"principalFile={folder / 'principal.json'}"),
                *("--set", f"settings={json.dumps(further)}"),
            ),
            typed=(
                ("name [azure]: ", name),
                ("credentials [file]: ", ""),
                (f"subscriptionId [{SUBSCRIPTION}]: ", "mine"),
                (f"subscriptionId [{SUBSCRIPTION}]: ", "1"),
                (f"tenantId [{logins.TENANT}]: ", ""),
                ("location [", LOCATION),
                ("size [small]: ", ""),
                *_SOURCES,
                *_KEY_AND_DOMAIN,
            ),
            env={"AZURE_CONFIG_DIR": str(folder), "COMPLEAT_TIMER": "process"},
            held=place.held,
            is_priced=True,
            secret=logins.SECRET,
        )
