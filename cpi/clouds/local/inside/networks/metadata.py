"""The metadata service: each VM queries 169.254.169.254 and gets its own data, by its source address.

Takes a state directory; serves HTTP in the cloud's network namespace until the service ends.
"""

import json
import signal
import socketserver
import time
from http.server import BaseHTTPRequestHandler

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import first_process, log, sysc

_TRIES = 20


def serve(state: str) -> None:
    """Serve for ever; dies with the service that forked it."""
    sysc.prctl(sysc.PR_SET_PDEATHSIG, signal.SIGKILL)
    sysc.set_process_name("cloud-metadata")
    _open(state).serve_forever()


def describe(state: str, vm: records.LocalVm) -> dict[str, str]:
    """All paths of one VM and what they say."""
    private = [nic["ip"] for nic in vm["nics"] if nic["network"] and ":" not in nic["ip"]]
    public = [address["ip"] for address in records.list_addresses(state) if address["vm"] == vm["cid"]]
    settings = {
        "agent_id": vm["agent_id"],
        "vm": {"name": vm["name"], "id": vm["cid"]},
        "networks": {nic["name"]: {"ip": nic["ip"], "gateway": nic["gateway"]} for nic in vm["nics"]},
        "disks": vm["disks"],
        "env": vm["env"],
    }
    return {
        "/latest/meta-data/instance-id": vm["cid"],
        "/latest/meta-data/local-hostname": vm["name"],
        "/latest/meta-data/local-ipv4": private[0] if private else "",
        "/latest/meta-data/public-ipv4": public[0] if public else "",
        "/latest/meta-data/public-keys/0/openssh-key": vm["ssh_key"],
        "/latest/meta-data/tags": json.dumps(vm["tags"]),
        "/latest/user-data": json.dumps(settings),
    }


def _open(state: str) -> socketserver.TCPServer:
    """Listen; the server of a service that was killed a moment ago may have the port still."""
    reporter = _make_reporter(state)
    for _ in range(_TRIES):
        try:
            return _MetadataServer((first_process.METADATA_ADDRESS, 80), reporter)
        except OSError as error:
            log.say(f"metadata: {error}")
            time.sleep(0.05)
    return _MetadataServer((first_process.METADATA_ADDRESS, 80), reporter)


class _MetadataServer(socketserver.ThreadingTCPServer):
    """Not http.server's own, which asks the name service for its address's name first."""

    allow_reuse_address = True
    daemon_threads = True


def _make_reporter(state: str) -> type[BaseHTTPRequestHandler]:
    class Reporter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = _find_text(state, self.client_address[0], self.path)
            body = (text or "not found\n").encode()
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    return Reporter


def _find_text(state: str, asker: str, path: str) -> str | None:
    for vm in records.list_whole_vms(state):
        if any(nic["ip"] == asker for nic in vm["nics"]):
            return _read_path(describe(state, vm), path)
    return None


def _read_path(answer: dict[str, str], path: str) -> str | None:
    if path in answer:
        return answer[path]
    prefix = path.rstrip("/") + "/"
    below = sorted({name[len(prefix) :].split("/")[0] for name in answer if name.startswith(prefix)})
    return "\n".join(below) if below else None
