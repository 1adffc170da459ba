"""`compleat init` typed on a terminal for AWS: choices and prices of the account, files that doctor accepts."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.support.aws.emulator import Emulator
from tests.support.command import ROOT, Compleat
from tests.support.typed_terminal import patient_template, typed_terminal

pytestmark = pytest.mark.slow
_SCREEN = """\
Enter takes the answer in brackets. Ctrl-C ends without writing anything.

Name of the environment
  Lower-case letters, digits and hyphens, beginning with a letter; 1 to 20
  characters.
name [aws]:

Login
  A profile of ~/.aws. Empty means what the AWS SDK finds - variables, the
  default profile, roles.
   1  (none)  what the AWS SDK finds
   2  trial
profile [none]: trial

Region
  REGIONS
location [us-east-1]: mars-1
  It must be one of FIRST.
location [us-east-1]:

Size of the VMs
   1  small   4 x t3.small: 0.0969 USD an hour, 69.79 in 30 days
   2  medium  2 x t3.large, 2 x t3.medium: 0.2633 USD an hour, 189.60 in 30
              days
   3  large   2 x m6i.large, 2 x m6i.xlarge: 0.5897 USD an hour, 424.61 in 30
              days
size [small]: 2

Who may reach the public addresses
  THIS MACHINE
  IPv4 ranges such as 203.0.113.7/32, with commas between them; 0.0.0.0/0 is
  everybody.
allowedSources: 203.0.113.7
  It takes IPv4 ranges such as 203.0.113.7/32, with commas between them;
  0.0.0.0/0 is everybody.
allowedSources: 203.0.113.7/32

SSH key that may log in to the jumpbox
  One OpenSSH line. compleat makes a key of the environment's own in any case.
  ~/.ssh has no public key; `ssh-keygen` makes one.
  A public key such as ssh-ed25519 AAAA... you@example.org, or nothing; at
  most 2000 characters.
sshPublicKey [none]:

Domain of what is deployed
  Manifests read it as ((system_domain)). Empty means the public address under
  sslip.io.
  A DNS name such as apps.example.org, or nothing; at most 200 characters.
domain [none]:
Environment 'aws' on aws:
  wrote HOME/environments/aws.yml
  wrote HOME/cloud-configs/aws.yml
  wrote HOME/parameters/aws.json
Login on aws: profile 'trial'.
No problems found.
Next: COMPLEAT_HOME=HOME PYTHON -m director.cli.main up -e aws
"""


def test_a_person_types_the_answers_at_an_account(emulator: Emulator, tmp_path: Path) -> None:
    compleat = Compleat(home=tmp_path / "home", environment="aws")
    words = compleat.argv("init", "--template", patient_template("aws", tmp_path))
    with typed_terminal(words, _signed_in(compleat, emulator), cwd=ROOT) as terminal:
        for prompt, typed in (
            ("name [aws]: ", ""),
            ("profile [none]: ", "trial"),
            ("location [us-east-1]: ", "mars-1"),
            ("location [us-east-1]: ", ""),
            ("size [small]: ", "2"),
            ("allowedSources", "203.0.113.7"),
            ("allowedSources", "203.0.113.7/32"),
            ("sshPublicKey [none]: ", ""),
            ("domain [none]: ", ""),
        ):
            terminal.answer(prompt, typed)
        assert terminal.end(timeout_s=120) == 0, terminal.screen
    assert max(map(len, _masked(terminal.screen, compleat).splitlines())) <= 80
    assert _masked(terminal.screen, compleat) == _SCREEN
    written = yaml.safe_load((compleat.home / "environments/aws.yml").read_text())
    settings = {"profile": "trial", "public_sources": ["203.0.113.7/32"], "region": "us-east-1"}
    assert (written["properties"], emulator.inventory()) == (settings, ())


def _signed_in(compleat: Compleat, emulator: Emulator) -> Mapping[str, str]:
    """The process's environment with a profile for the emulator, and without a name of an environment."""
    folder = compleat.home.parent
    keys = {"aws_access_key_id": emulator.access_key, "aws_secret_access_key": emulator.secret_key}
    lines = ["[trial]", *(f"{name} = {value}" for name, value in keys.items())]
    (folder / "credentials").write_text("\n".join(lines))
    (folder / "config").write_text("")
    kept = {name: value for name, value in compleat.env().items() if name != "COMPLEAT_ENVIRONMENT"}
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"), "AWS_CONFIG_FILE": str(folder / "config")}
    return {**kept, **files, "HOME": str(folder), "AWS_ENDPOINT_URL": emulator.endpoint}


def _masked(screen: str, compleat: Compleat) -> str:
    """What is another one on each machine: paths, the regions that the emulator has, the machine's address."""
    shown = screen.replace(str(compleat.home), "HOME").replace(sys.executable, "PYTHON")
    shown = re.sub(r"(?<=Region\n)(  [a-z0-9 -]+\n)+", "  REGIONS\n", shown)
    shown = re.sub(r"It must be one of [^.]+\.", "It must be one of FIRST.", shown)
    shown = re.sub(r"(?<=addresses\n)(  .+\n)+?(?=  IPv4)", "  THIS MACHINE\n", shown)
    return re.sub(r"allowedSources \[[0-9./]+\]:", "allowedSources:", shown)
