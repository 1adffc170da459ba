"""How long commands take that touch nothing: start-up, and interpolation.

Takes a folder, gives figures: the processor's time of whole processes, byte code compiled, as ratios to a bare
interpreter that takes turns with them.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench.figures import Figure
from tests.support.command import ROOT

_RUNS = 11
_UPSTREAM = ROOT.parent / "shared" / "golden" / "interpolate" / "upstream" / "cf-deployment"
_OPS = 20
_INFO = b'{"method": "info", "arguments": [], "context": {}}'
_BARE = [sys.executable, "-c", "pass"]
_TARGETS_MS: Mapping[str, float] = {"compleat --help": 55, "compleat cpi aws: info": 150}
_TARGETS: Mapping[str, float] = {
    "interpolate, three lines": 4.1,
    "interpolate, cf-deployment": 7.5,
    f"interpolate, cf-deployment with {_OPS} ops files": 8.6,
}
"""3, 2 and 1.5 times `bosh interpolate`, in bare interpreters: it took 19, 54 and 83 ms where one of those took 14."""


def figures(home: Path) -> Iterator[Figure]:
    """Medians of several runs each."""
    (home / "three.yml").write_text("name: ((name))\na: 1\nb: [x]\n")
    commands = {
        "import yaml": [sys.executable, "-c", "import yaml"],
        "compleat --help": _command("--help"),
        "compleat cpi aws: info": _command("cpi", "aws"),
        "interpolate, three lines": _command("interpolate", str(home / "three.yml"), "-v", "name=x"),
        **_large(),
    }
    taken = {name: _paired_ms(argv, _INFO if "cpi" in argv else b"") for name, argv in commands.items()}
    yield Figure(name="bare interpreter", value=min(bare for _, bare in taken.values()), unit="ms of the processor")
    for name, (own, bare) in taken.items():
        if name in _TARGETS:
            yield Figure(name=name, value=own / bare, unit="x bare", target=_TARGETS[name], note=f"{own:.0f} ms")
        else:
            yield Figure(name=name, value=own, unit="ms", target=_TARGETS_MS.get(name), note=f"{own / bare:.1f} x bare")


def _large() -> dict[str, list[str]]:
    if not _UPSTREAM.is_dir():
        return {}
    words = _interpolation()
    return {
        "interpolate, cf-deployment": _command("interpolate", words[0]),
        f"interpolate, cf-deployment with {_OPS} ops files": _command("interpolate", *words),
    }


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


def _paired_ms(argv: Sequence[str], sent: bytes) -> tuple[float, float]:
    """The command's median and that of a bare interpreter, in turn."""
    _once_ms(argv, sent)
    runs = [(_once_ms(argv, sent), _once_ms(_BARE)) for _ in range(_RUNS)]
    return statistics.median(own for own, _ in runs), statistics.median(bare for _, bare in runs)


def _once_ms(argv: Sequence[str], sent: bytes = b"") -> float:
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    with process.stdin as stream:
        stream.write(sent)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    return (used.ru_utime + used.ru_stime) * 1000
