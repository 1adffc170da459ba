"""The script of the first boot, run for real in a directory of its own by a shell."""

import subprocess

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.values import SshAccess
from cpi.kit import user_data

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtl it's me"


def test_the_script_is_one_that_a_shell_can_read_and_quotes_what_it_is_given() -> None:
    script = user_data.boot_script(SshAccess(user="vcap", public_key=KEY), host_name="web-0")
    assert script.startswith("#!/bin/sh\n")
    assert subprocess.run(["/bin/sh", "-n"], input=script.encode(), check=False).returncode == 0
    shown = script.split("if ! id")[0] + 'printf "%s|%s|%s" "$user" "$key" "$name"\n'
    reported = subprocess.run(["/bin/sh"], input=shown.encode(), check=True, capture_output=True).stdout.decode()
    assert reported == f"vcap|{KEY}|web-0"


@pytest.mark.parametrize(("user", "key"), [("Root", KEY), ("a b", KEY), ("root", "no key"), ("root", f"{KEY}\nx")])
def test_a_login_that_no_image_would_take_is_refused(user: str, key: str) -> None:
    with pytest.raises(CloudError) as raised:
        user_data.boot_script(SshAccess(user=user, public_key=key), host_name="web-0")
    assert raised.value.code == "login-not-usable"
