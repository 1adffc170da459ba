"""How long commands take that touch nothing: start-up, and interpolation of a large manifest.

Takes nothing, gives figures: medians of whole processes, byte code compiled, beside a bare interpreter.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import Figure
from tests.support.command import ROOT

_RUNS = 7
_UPSTREAM = ROOT.parent / "shared" / "golden" / "interpolate" / "upstream" / "cf-deployment"
_OPS = 20
_INFO = b'{"method": "info", "arguments": [], "context": {}}'


def figures() -> Iterator[Figure]:
    """Medians of several runs each."""
    bare = _median_ms([sys.executable, "-c", "pass"])
    yield Figure(name="bare interpreter", value=bare, unit="ms")
    help_ms = _median_ms(_command("--help"))
    yield Figure(name="compleat --help", value=help_ms, unit="ms", target=55, note=f"{help_ms / bare:.1f} x bare")
    info_ms = statistics.median(_once_ms(_command("cpi", "aws"), sent=_INFO) for _ in range(_RUNS))
    yield Figure(
        name="compleat cpi aws: info", value=info_ms, unit="ms", target=150, note=f"{info_ms / bare:.1f} x bare"
    )
    if not _UPSTREAM.is_dir():
        return
    taken = _median_ms(_command("interpolate", *_interpolation()))
    yield Figure(
        name=f"interpolate cf-deployment with {_OPS} ops",
        value=taken,
        unit="ms",
        target=400,
        note=f"{taken / bare:.1f} x bare",
    )


def _interpolation() -> list[str]:
    """The manifest and the first ops files that apply to it one after another."""
    words = [str(_UPSTREAM / "cf-deployment.yml")]
    for path in sorted((_UPSTREAM / "operations").rglob("*.yml")):
        if len(words) == 1 + 2 * _OPS:
            break
        if _works([*words, "-o", str(path)]):
            words += ["-o", str(path)]
    assert len(words) == 1 + 2 * _OPS, "too few ops files apply"
    return words


def _works(words: Sequence[str]) -> bool:
    return subprocess.run(_command("interpolate", *words), capture_output=True, check=False).returncode == 0


def _command(*words: str) -> list[str]:
    return [str(Path(sys.executable).with_name("compleat")), *words]


def _median_ms(argv: Sequence[str]) -> float:
    subprocess.run(argv, capture_output=True, check=True)
    return statistics.median(_once_ms(argv) for _ in range(_RUNS))


def _once_ms(argv: Sequence[str], sent: bytes = b"") -> float:
    began = time.perf_counter()
    subprocess.run(argv, input=sent, capture_output=True, check=True)
    return (time.perf_counter() - began) * 1000
