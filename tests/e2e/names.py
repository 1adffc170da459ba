"""DNS names as a program on a VM of the story resolves them.

Takes a Story, gives answers with their times.
"""

import ast
import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from tests.e2e.story import Story

WEB = "q-s0.web.default.story.bosh"
"""The healthy instances of group `web`."""

Answers = list[tuple[float, list[str]]]
"""Each answer that differs from the one before, with its time from the first question on."""

_RESOLVE = """
import socket, sys, time
name, until, most_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
seen, began = [], time.monotonic()
while time.monotonic() - began < most_s:
    try:
        found = sorted({each[4][0] for each in socket.getaddrinfo(name, 80, socket.AF_INET, socket.SOCK_STREAM)})
    except OSError as error:
        found = [str(error)]
    if not seen or seen[-1][1] != found:
        seen.append((round(time.monotonic() - began, 2), found))
    if until and len(found) == until:
        break
    time.sleep(0.05)
print(seen)
"""


def resolve(story: Story, name: str, *, until: int = 0, most_s: float = 10.0) -> Answers:
    """Answers as `lone/0` gets them, until one has that many addresses."""
    words = f"python3 -c {shlex.quote(_RESOLVE)} {name} {until} {most_s}"
    return cast(Answers, ast.literal_eval(story.shell("lone/0", words).strip()))


def resolve_meanwhile(story: Story, change: Callable[[], object]) -> Answers:
    """The answers for group `web` while something changes."""
    seen: Answers = []
    watching = threading.Thread(target=lambda: seen.extend(resolve(story, WEB, most_s=12.0)))
    watching.start()
    change()
    watching.join()
    return seen


@contextmanager
def failing(story: Story, instance: str) -> Iterator[None]:
    """Its process ends, and cannot be started again."""
    program = "/var/vcap/packages/ticker/bin/ticker"
    story.shell(instance, f"mv {program} /tmp/; kill $(cat /var/vcap/sys/run/probe/ticker.pid)")
    try:
        yield
    finally:
        story.shell(instance, f"mv /tmp/ticker {program}")
