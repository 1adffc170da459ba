"""A bundle as one signed file, applied where no packet leaves the machine."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import verb_texts
from tests.support.command import ROOT, Compleat, Ran
from tests.support.environments import local_compleat
from tests.support.stemcell_tarballs import NAME, OS, VERSION, write_stemcell

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("iproute", "ssh"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network namespace with a way out"),
]

HELLO = ROOT / "manifests/examples/hello"
COUNTED = """set -e
ip link set lo up
ip link add away type veth peer name there
ip link set away addrgenmode none
ip link set there addrgenmode none
ip link set there up
ip link set away up
ip addr add 192.0.2.1/24 dev away
ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev away
ip route add default via 192.0.2.2
mount -t sysfs none /sys
exec 3>"$1"
shift
count() { cat /sys/class/net/away/statistics/tx_packets >&3; }
count
"$@" apply "$BUNDLE" --key "$KEY" -n
count
python3 -c 'import socket; socket.create_connection(("198.51.100.1", 443), 0.3)' 2>/dev/null || true
count
"${@:1:$#-1}" down -n >/dev/null
"""
"""A network with a way out that leads nowhere, on which every packet counts; at the end one connection is tried."""


def test_a_bundle_is_applied_without_a_packet_to_the_outside(
    new_compleat: Callable[[], Compleat], tmp_path: Path
) -> None:
    compleat, key = new_compleat(), tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    manifest = yaml.safe_load((HELLO / "hello.yml").read_text())
    manifest["stemcells"] = [{"alias": "default", "os": OS, "version": VERSION}]
    manifest["releases"] = [{"name": "hello", "version": "1.0", "url": "https://releases.invalid/hello.tgz"}]
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "hello.yml").write_text(yaml.safe_dump(manifest))
    light: dict[str, Any] = {"stemcell_formats": ["compleat-host"], "cloud_properties": {"image": "host"}}
    stemcell = write_stemcell(shop, bosh_protocol=1, **light).name
    index = {
        "name": "shop",
        "deployments": [{"manifest": "hello.yml"}],
        "stemcells": [{"name": NAME, "version": VERSION, "url": stemcell, "cloud_init": True}],
    }
    (shop / "index.yml").write_text(yaml.safe_dump(index))
    here = local_compleat(tmp_path / "here", f"{compleat.environment}-here")
    here.run("upload-release", str(HELLO / "release"), "--version", "1.0").ended()
    files = [tmp_path / name for name in ("a.bundle", "b.bundle")]
    for file in files:
        created = here.run("bundle", "create", str(shop), "--key", str(key), "--output", str(file)).ended()
    assert files[0].read_bytes() == files[1].read_bytes()
    verb_texts.check(created, here, "bundle create", tmp_path)
    read = here.run("bundle", "verify", str(files[0]), "--key", f"{key}.pub").ended()
    verb_texts.check(read, here, "bundle verify", tmp_path)
    verified = here.run("bundle", "verify", str(files[0]), "--key", f"{key}.pub", "--json").ended().json
    listed = [file["path"] for file in verified["files"]]
    stemcells = f"releases/{NAME}-{VERSION}.tgz"
    assert listed == ["bundle/hello.yml", "bundle/index.yml", "releases/hello-1.0.tgz", stemcells]
    shutil.copytree(HELLO, tmp_path / "directory")
    index = {"name": "shop", "deployments": [{"manifest": "hello.yml"}]}
    (tmp_path / "directory/index.yml").write_text(yaml.safe_dump(index))
    (tmp_path / "directory/release/config/private.yml").write_text("blobstore: {options: {password: x}}")
    words = ("bundle", "create", "./directory", "--key", str(key), "--output", "c.bundle", "--json")
    of_directory = [file["path"] for file in here.run(*words, cwd=tmp_path).ended().json["files"]]
    assert "bundle/release/packages/hello/packaging" in of_directory
    assert "bundle/release/config/private.yml" not in of_directory

    away = local_compleat(tmp_path / "away", compleat.environment)
    counts = tmp_path / "counts"
    try:
        done = _apply_counted(away, files[0], key, counts)
    finally:
        away.run("down", "-n")  # it is down already, unless something failed
    assert done.returncode == 0, done.stderr
    typed = ("bundle", "apply", str(files[0]), "--key", f"{key}.pub", "-n")
    ran = Ran(words=typed, code=0, out=done.stdout, err=done.stderr, took_s=0.0)
    verb_texts.check(ran, away, "bundle apply", tmp_path)
    before, after, tried = map(int, counts.read_text().split())
    assert (after - before, tried - after > 0) == (0, True)

    damaged = bytearray(files[0].read_bytes())
    damaged[-2000] ^= 1
    files[1].write_bytes(damaged)
    refused = away.run("bundle", "apply", str(files[1]), "--key", f"{key}.pub", "-n").ended(3)
    assert "bundle-file-damaged: The bundle's file is damaged" in refused.err
    assert len(list((away.home / "bundles").iterdir())) == 1, "the bundle that was applied before"


def _apply_counted(away: Compleat, file: Path, key: Path, counts: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "-n", "-m", "bash", "-c", COUNTED, "sh", str(counts), *away.argv("bundle")],
        env={**away.env(), "BUNDLE": str(file), "KEY": f"{key}.pub"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
