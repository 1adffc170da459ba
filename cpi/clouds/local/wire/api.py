"""The only file that talks to a local cloud's processes: starts what is not there, sends, reads, ends.

Takes a place, gives answers. Raises what the service refused with; LostReplyError when a request went out and no
answer came.
"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any

from cpi.clouds.local.host import launch, state_directory
from cpi.clouds.local.host.state_root import StateRoot
from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.service import wire
from cpi.clouds.local.inside.system import contents, sockets
from cpi.clouds.local.inside.system.modes import Mode
from cpi.contract.errors import CloudError, LostReplyError, TransientError

_ANSWER_S = 300.0
_TRIES = 5


class Api:
    """One cloud's front. Safe to use from several threads."""

    def __init__(self, place: StateRoot, mode: Mode | None) -> None:
        self._place = place
        self._mode = mode
        self._is_checked = False

    @property
    def state(self) -> str:
        return self._place.state

    def exists(self) -> bool:
        """Whether there is a cloud at all, running or not."""
        return os.path.exists(records.cloud_path(self.state))

    def call(self, operation: str, arguments: Mapping[str, object]) -> Any:
        """Let the service do it, starting what is not there."""
        for _ in range(_TRIES):
            if not self._is_checked:
                self.ensure_started()
            try:
                return wire.read_answer(self._exchange(operation, arguments))
            except (ConnectionRefusedError, FileNotFoundError):
                self._is_checked = False
            except TransientError as error:
                if error.code != "closing":
                    raise
                self._is_checked = False
                time.sleep(0.05)
        raise TransientError("cloud-unreachable", "The local cloud's service ended during a request.", fix="Try again.")

    def call_if_exists(self, operation: str, arguments: Mapping[str, object]) -> Any:
        """The same, but without a cloud there is nothing to do."""
        return self.call(operation, arguments) if self.exists() else None

    def ensure_started(self) -> None:
        """After: the cloud's first process stands and a service of this very version answers."""
        with state_directory.opened(self._place):
            state_directory.prepare(self._place, self._mode)
            if locks.find_holder(f"{self.state}/lock") == 0:
                launch.run_program("system.namespaces", self.state)
            self._ensure_service()
        self._is_checked = True

    def ensure_edge(self) -> tuple[str, ...]:
        """After: the edge runs and has read its list; gives what it could not open."""
        if locks.find_holder(f"{self.state}/{sockets.EDGE_LOCK}") == 0:
            launch.run_program("networks.edge", self.state)
        connection = sockets.connect(self.state, sockets.EDGE, timeout_s=_ANSWER_S)
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"reload\n")
            stream.flush()
            return tuple(json.loads(stream.readline() or b"[]"))

    def end_if_empty(self, *, after_landing: bool) -> None:
        """When nothing is left that the cloud is kept for, end its processes and remove its state."""
        if not self.exists() or not contents.is_removable(self.state, after_landing=after_landing):
            return
        self.ensure_started()
        with state_directory.opened(self._place):
            if wire.read_answer(self._exchange("clear", {"after_landing": after_landing})):
                state_directory.remove(self._place)
                self._is_checked = False

    def _ensure_service(self) -> None:
        version = launch.find_version()
        try:
            running = wire.read_answer(self._exchange("ping", {}))
        except (OSError, LostReplyError):
            running = None
        if running == version:
            return
        if running is not None:
            self._exchange("quit", {})
        launch.run_program("service.keeper", self.state, version)

    def _exchange(self, operation: str, arguments: Mapping[str, object]) -> bytes:
        connection = sockets.connect(self.state, sockets.SERVICE, timeout_s=_ANSWER_S)
        try:
            with connection, connection.makefile("rwb") as stream:
                stream.write(wire.write_request(operation, arguments))
                stream.flush()
                line = stream.readline()
        except OSError as error:
            raise _lost(operation) from error
        if not line:
            raise _lost(operation)
        return line


def _lost(operation: str) -> CloudError:
    return LostReplyError(
        "reply-lost",
        f"The local cloud did not answer '{operation.replace('_', ' ')}'.",
        why="Its service ended meanwhile.",
        fix="Find the resource by its owner before you repeat the call.",
    )
