"""The layer before moto: whose call, may it, does it fail, was it made before, would AWS refuse it; then moto.

Takes WSGI calls one at a time, under one lock; keeps a log of them.
"""

import contextlib
import datetime
import email.utils
import re
import socket
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.aws import afterwards, back, checks, instance_images, launches, own_services, paging, presigned
from tests.support.aws.absences import Absences
from tests.support.aws.answers import Answer, Start, refusal
from tests.support.aws.calls import Call, Environ, read_call, rewrite
from tests.support.aws.direct_snapshots import DirectSnapshots
from tests.support.aws.faults import Faults, Rule, Trouble
from tests.support.aws.observers import Nobody, Observer
from tests.support.aws.own_services import Account
from tests.support.aws.tokens import Tokens

_INSTANCE = re.compile(rb"<instanceId>(i-[0-9a-f]+)</instanceId>")
_VOLUME = re.compile(rb"<volumeId>(vol-[0-9a-f]+)</volumeId>")


@dataclass(slots=True)
class Front:
    """`inner` is moto. `skew_s` is by how much AWS's clock is ahead of this machine's."""

    inner: Any
    faults: Faults = field(default_factory=Faults)
    tokens: Tokens = field(default_factory=Tokens)
    absences: Absences = field(default_factory=Absences)
    account: Account = field(default_factory=Account)
    direct: DirectSnapshots = field(default_factory=DirectSnapshots)
    observer: Observer = field(default_factory=Nobody)
    log: list[Call] = field(default_factory=list)
    skew_s: float = 0.0
    pending_reads: int = 0
    """So many calls a new instance stays pending."""
    dying: int = 0
    """So many of the next instances end as soon as they are made."""
    broken_volumes: int = 0
    """So many of the next volumes end in error instead of becoming available."""
    slow_profiles: int = 0
    """So many launches with an instance profile are refused, as while EC2 has not heard of a new one."""
    _pending: dict[str, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        call = read_call(environ)
        with self._lock:
            self.log.append(call)
            rule = self.faults.met_by(call)
            if rule is not None and rule.trouble is Trouble.REFUSED:
                return self._dated(refusal(call, rule.code, rule.message, status=rule.status)).send(start)
            if rule is not None and rule.trouble is Trouble.LOST_BEFORE:
                _hang_up(environ, rule)
            answer = self._answer(call, environ)
        if rule is not None:
            _hang_up(environ, rule)
        return self._dated(answer).send(start)

    def clear(self) -> None:
        """Forget everything but the observer."""
        self.faults.clear()
        self.tokens = Tokens()
        self.absences = Absences()
        self.account = Account()
        self.direct = DirectSnapshots()
        self.log.clear()
        self._pending.clear()
        self.skew_s, self.pending_reads, self.dying, self.broken_volumes = 0.0, 0, 0, 0
        self.slow_profiles = 0

    def let_run(self) -> None:
        """Whatever is still pending runs at the next call."""
        with self._lock:
            self._pending = dict.fromkeys(self._pending, 0)

    def _answer(self, call: Call, environ: Environ) -> Answer:
        early = (
            own_services.refuse_permission(call, self.account)
            or own_services.answer_own(call, self.account)
            or presigned.refuse(environ)
            or self.tokens.answer_again(call)
            or checks.refuse_dry_run(call)
            or self.direct.answer(call, environ)
        )
        if early is not None:
            return early
        if call.action == "GetConsoleOutput" and (text := self.observer.console_of(call.get("InstanceId"))) is not None:
            return own_services.console_answer(call, text)
        with self.absences.around(call), self._still_pending(call):
            refused = checks.refuse(call) or self._refuse_profile(call) or own_services.refuse_quota(call, self.account)
            answer = refused or instance_images.answer(call) or self._ask_moto(call, environ)
        self._after(call, answer)
        return answer

    def _refuse_profile(self, call: Call) -> Answer | None:
        refused = launches.refuse_profile(call, is_known=not self.slow_profiles)
        if refused is not None and self.slow_profiles:
            self.slow_profiles -= 1
        return refused

    def _ask_moto(self, call: Call, environ: Environ) -> Answer:
        if call.action == "AllocateAddress" and (address := self.observer.next_public_address()):
            rewrite(environ, {**call.parameters, "Address": address})
        if call.action == "AssumeRole" and self.account.session_s:
            rewrite(environ, {**call.parameters, "DurationSeconds": str(self.account.session_s)})
        if call.action == "DisassociateAddress":
            self._tell_of_disassociation(call)
        caught: dict[str, Any] = {}
        body = environ["wsgi.input"].getvalue() if call.action.startswith("PUT /") else b""

        def note(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            caught.update(status=status, headers=tuple(headers))

        reported = b"".join(self.inner(environ, note))
        if caught["status"].startswith("2"):
            afterwards.tag_bucket(call.action, body)
        return paging.page_of(call, Answer(status=caught["status"], headers=caught["headers"], body=reported))

    def _tell_of_disassociation(self, call: Call) -> None:
        for address in back.ec2(call.region).addresses:
            if address.association_id == call.get("AssociationId"):
                self.observer.address_disassociated(str(address.public_ip))

    def _after(self, call: Call, answer: Answer) -> None:
        if not answer.is_success:
            return
        self.tokens.remember(call, answer)
        self.absences.note(call, answer)
        afterwards.settle(call, answer, self.observer)
        if call.get("DryRun") == "true":
            return
        for cid in _INSTANCE.findall(answer.body) if call.action == "RunInstances" else ():
            self._settle_birth(call.region, cid.decode())
        if call.action == "CreateVolume" and self.broken_volumes:
            self.broken_volumes -= 1
            back.break_volume(call.region, _VOLUME.findall(answer.body)[0].decode())

    def _settle_birth(self, region: str, cid: str) -> None:
        if self.pending_reads:
            self._pending[cid] = self.pending_reads
        if self.dying:
            self.dying -= 1
            back.end_at_birth(region, cid)
            afterwards.terminate(region, cid, self.observer)

    @contextlib.contextmanager
    def _still_pending(self, call: Call) -> Any:
        """Keep new instances pending for a few calls of EC2."""
        for cid in list(self._pending):
            self._hold(call.region, cid, is_counted=call.service == "ec2")
        yield
        for cid in list(self._pending):
            self._hold(call.region, cid, is_counted=False)

    def _hold(self, region: str, cid: str, *, is_counted: bool = True) -> None:
        instance = back.instance(region, cid)
        left = self._pending[cid] - int(is_counted)
        self._pending[cid] = left
        if instance is None or instance.state == "terminated" or left < 0:
            del self._pending[cid]
        elif instance is not None:
            instance._state.name, instance._state.code = "pending", 0
        if left < 0 and instance is not None and instance.state == "pending":
            instance._state.name, instance._state.code = "running", 16

    def _dated(self, answer: Answer) -> Answer:
        if not self.skew_s:
            return answer
        now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.skew_s)
        others = tuple(header for header in answer.headers if header[0].lower() != "date")
        dated = (*others, ("Date", email.utils.format_datetime(now, usegmt=True)))
        return Answer(status=answer.status, headers=dated, body=answer.body)


def _hang_up(environ: Environ, rule: Rule) -> None:
    connection: socket.socket = environ["werkzeug.socket"]
    if rule.trouble is Trouble.RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR) if rule.trouble is not Trouble.RESET else connection.close()
    raise ConnectionResetError("hung up on purpose")
