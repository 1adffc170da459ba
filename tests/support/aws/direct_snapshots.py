"""EBS direct APIs: snapshots written block by block, as AWS checks them and moto does not.

Takes calls with their bodies and headers, gives answers; the snapshots are in moto's EC2, where its calls see them.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.support.aws import back
from tests.support.aws.answers import Answer, json_answer, refusal
from tests.support.aws.calls import Call, Environ

BLOCK = 512 << 10
_PUT = re.compile(r"PUT /snapshots/(snap-[0-9a-f]+)/blocks/(\d+)")
_COMPLETE = re.compile(r"POST /snapshots/completion/(snap-[0-9a-f]+)")


@dataclass(slots=True)
class Written:
    """`blocks` by index are the digests of their bytes; `bytes` is how many were sent in all, repetitions counted."""

    blocks: dict[int, bytes] = field(default_factory=dict)
    bytes: int = 0


@dataclass(slots=True)
class DirectSnapshots:
    """`slow` is for how many looks a snapshot that was completed is pending still."""

    written: dict[str, Written] = field(default_factory=dict)
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    slow: int = 0
    _finishing: dict[str, int] = field(default_factory=dict)

    def answer(self, call: Call, environ: Environ) -> Answer | None:
        """The answer to a call of this service; None for another."""
        if call.service == "ec2" and call.action == "DescribeSnapshots":
            self._look(call.region)
        if call.service != "ebs":
            return None
        body = environ["wsgi.input"].getvalue()
        if call.action == "POST /snapshots":
            return self._start(call, json.loads(body))
        put, complete = _PUT.fullmatch(call.action), _COMPLETE.fullmatch(call.action)
        if put:
            return self._put(call, (put[1], int(put[2])), body, environ)
        return self._complete(call, complete[1], environ) if complete else None

    def fail(self, cid: str) -> None:
        """Cancel one, as AWS does with those that are left alone."""
        back.ec2().snapshots[cid].status = "error"

    def _start(self, call: Call, asked: dict[str, Any]) -> Answer:
        token, words = str(asked.get("ClientToken", "")), json.dumps(asked, sort_keys=True)
        if token in self.tokens:
            cid, before = self.tokens[token]
            if before != words:
                return refusal(call, "ConflictException", "The token was used with other parameters.", status=409)
            return _started(cid, asked)
        backend = back.ec2(call.region)
        volume = backend.create_volume(size=asked["VolumeSize"], zone_name=f"{call.region}a")
        snapshot = backend.create_snapshot(volume_id=volume.id, description=asked.get("Description", ""))
        backend.volumes.pop(volume.id)
        snapshot.status = "pending"
        snapshot.add_tags({tag["Key"]: tag["Value"] for tag in asked.get("Tags", ())})
        self.written[snapshot.id] = Written()
        if token:
            self.tokens[token] = (snapshot.id, words)
        return _started(snapshot.id, asked)

    def _put(self, call: Call, place: tuple[str, int], body: bytes, environ: Environ) -> Answer:
        cid, index = place
        snapshot = back.ec2(call.region).snapshots.get(cid)
        if snapshot is None:
            return refusal(call, "ResourceNotFoundException", f"The snapshot '{cid}' does not exist.", status=404)
        wrong = _wrong_block(snapshot, index, body, environ)
        if wrong:
            return refusal(call, "ValidationException", wrong)
        written = self.written[cid]
        written.blocks[index] = hashlib.sha256(body).digest()
        written.bytes += len(body)
        return json_answer({})

    def _complete(self, call: Call, cid: str, environ: Environ) -> Answer:
        snapshot = back.ec2(call.region).snapshots.get(cid)
        if snapshot is None:
            return refusal(call, "ResourceNotFoundException", f"The snapshot '{cid}' does not exist.", status=404)
        blocks = self.written[cid].blocks
        if snapshot.status != "pending" or cid in self._finishing:
            return refusal(call, "ValidationException", f"The snapshot '{cid}' is not in the pending state.")
        if int(environ["HTTP_X_AMZ_CHANGEDBLOCKSCOUNT"]) != len(blocks):
            return refusal(call, "ValidationException", "The changed blocks count does not match.")
        whole = hashlib.sha256(b"".join(digest for _, digest in sorted(blocks.items()))).digest()
        if base64.b64encode(whole).decode() != environ.get("HTTP_X_AMZ_CHECKSUM"):
            return refusal(call, "ValidationException", "The checksum does not match.")
        self._finishing[cid] = self.slow
        if not self.slow:
            self._finish(call.region, cid)
        return json_answer({"Status": "pending" if self.slow else "completed"})

    def _look(self, region: str) -> None:
        for cid in list(self._finishing):
            self._finishing[cid] -= 1
            if self._finishing[cid] < 0:
                self._finish(region, cid)

    def _finish(self, region: str, cid: str) -> None:
        self._finishing.pop(cid, None)
        if cid in back.ec2(region).snapshots:
            back.ec2(region).snapshots[cid].status = "completed"


def _wrong_block(snapshot: Any, index: int, body: bytes, environ: Environ) -> str:
    """Why a block is refused; "" when it is not."""
    if snapshot.status != "pending":
        return f"The snapshot '{snapshot.id}' is not in the pending state."
    if len(body) != BLOCK or int(environ.get("HTTP_X_AMZ_DATA_LENGTH", 0)) != BLOCK:
        return f"A block has {BLOCK} bytes, not {len(body)}."
    if not 0 <= index < (snapshot.volume_size << 30) // BLOCK:
        return f"There is no block {index}."
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return "" if digest == environ.get("HTTP_X_AMZ_CHECKSUM") else "The checksum does not match the block."


def _started(cid: str, asked: dict[str, Any]) -> Answer:
    reported = {"SnapshotId": cid, "Status": "pending", "VolumeSize": asked["VolumeSize"], "BlockSize": BLOCK}
    return json_answer({**reported, "Tags": asked.get("Tags", [])})
