"""Logs are cut in place, so that their writers need not know."""

import gzip
from pathlib import Path

from director.guest.layout import Layout, create_layout
from director.guest.supervise import log_rotation


def _layout(tmp_path: Path, size: str) -> tuple[Layout, Path]:
    layout = Layout(str(tmp_path / "vcap"))
    create_layout(layout)
    log_rotation.save_settings(layout, size)
    log = Path(layout.logs) / "web" / "web.log"
    log.parent.mkdir()
    return layout, log


def test_a_log_over_its_size_is_cut_and_its_writer_goes_on(tmp_path: Path) -> None:
    layout, log = _layout(tmp_path, "1K")
    with log.open("a") as writer:
        for number in range(9):
            writer.write(f"{number}\n" * 1000)
            writer.flush()
            log_rotation.rotate_logs(layout)
        writer.write("after\n")
    kept = sorted(path.name for path in log.parent.iterdir())
    newest = gzip.decompress((log.parent / "web.log.1.gz").read_bytes())
    assert (log.read_text(), kept) == ("after\n", ["web.log", *(f"web.log.{number}.gz" for number in range(1, 8))])
    assert newest == b"8\n" * 1000


def test_a_log_below_its_size_is_left_alone(tmp_path: Path) -> None:
    layout, log = _layout(tmp_path, "50M")
    log.write_text("small\n" * 100)
    log_rotation.rotate_logs(layout)
    assert [path.name for path in log.parent.iterdir()] == ["web.log"]


def test_a_size_that_cannot_be_read_is_fifty_mebibytes(tmp_path: Path) -> None:
    layout, _log = _layout(tmp_path, "huge")
    assert '"size": 52428800' in Path(layout.rotation_file).read_text()
