"""The console's command line: `serve`, `wait` until it answers, `check` what it shows, `refuse` former secrets.

Takes a verb and the settings file, gives an exit code.
"""

import http.client
import logging
import os
import ssl
import sys
import time
from pathlib import Path

import uvicorn

from console import app, former, reloading, services, settings


def main(arguments: list[str]) -> int:
    """Run one verb."""
    is_serving = arguments[:1] == ["serve"]
    if len(arguments) != 2 + is_serving or arguments[0] not in ("serve", "wait", "check", "refuse"):
        print("Usage: python -m console {wait|check|refuse} SETTINGS, or serve SETTINGS ANSWER", file=sys.stderr)
        return 2
    told = settings.load_settings(Path(arguments[1]))
    match arguments[0]:
        case "serve":
            return _serve(told, Path(arguments[1]), answer=Path(arguments[2]))
        case "wait":
            return _wait(told)
        case "check":
            return _check(told)
        case _:
            return former.refuse(told, os.environ)


def _serve(told: settings.Settings, path: Path, *, answer: Path) -> int:
    """Serve until it is ended. At SIGHUP the settings are read again, which is answered by the file `answer`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    application = app.make_app(told, probe=services.ask_service, now=time.time)
    config = uvicorn.Config(
        application,
        host="0.0.0.0",
        port=told.port,
        ssl_certfile=told.certificate,
        ssl_keyfile=told.private_key,
        log_config=None,
        # Its own log line would name the query of each request; ours (in app) names method, path, status and time.
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=16 * 1024,
    )
    config.load()
    assert config.ssl is not None
    certificate = reloading.Certificate(config.ssl)
    reloading.reload_at_hangup(path, answer, certificate=certificate, take_over=application.state.take_over)
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def _wait(told: settings.Settings) -> int:
    trouble = ""
    for _ in range(300):
        # Only liveness is asked, and of this machine: which certificate it shows is the smoke tests' business.
        connection = http.client.HTTPSConnection(
            "127.0.0.1", told.port, timeout=5, context=ssl._create_unverified_context()
        )
        try:
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
        except OSError as error:
            trouble = str(error)
        else:
            if status == 200:
                return 0
            trouble = f"/healthz answered {status}"
        finally:
            connection.close()
        time.sleep(0.1)
    print(f"The console does not answer on port {told.port}: {trouble}", file=sys.stderr)
    return 1


def _check(told: settings.Settings) -> int:
    states = services.ask_all(told.services, services.ask_service)
    for service, state in zip(told.services, states, strict=True):
        verdict = f"up, version {state.version}" if state.up else f"DOWN: {state.trouble}"
        print(f"{service.instance} at {service.address}:{service.port} is {verdict}")
    return 0 if all(state.up for state in states) else 1


sys.exit(main(sys.argv[1:]))
