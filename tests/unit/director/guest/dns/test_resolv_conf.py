"""resolv.conf names us first and keeps what it had."""

from pathlib import Path

from director.guest.dns import resolv_conf

_OWN = "169.254.0.2"
_TEXT = "# by dhcp\nnameserver 10.0.0.2\nnameserver 127.0.0.53\nnameserver fd00::1\nsearch example.com\noptions edns0\n"


def test_the_former_resolvers_follow_and_other_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(_TEXT)
    assert resolv_conf.take_over(_OWN, [], path=str(path)) == ["10.0.0.2", "fd00::1"]
    first = path.read_text()
    assert first.splitlines()[:3] == ["nameserver 169.254.0.2", "nameserver 10.0.0.2", "nameserver fd00::1"]
    assert first.splitlines()[3:] == ["# by dhcp", "search example.com", "options edns0"]
    assert resolv_conf.take_over(_OWN, ["10.0.0.2", "fd00::1"], path=str(path)) == ["10.0.0.2", "fd00::1"]
    assert path.read_text() == first


def test_a_client_of_dhcp_that_writes_it_again_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 10.0.0.3\n")
    assert resolv_conf.take_over(_OWN, ["10.0.0.2"], path=str(path)) == ["10.0.0.3"]
    assert path.read_text().splitlines()[0] == "nameserver 169.254.0.2"


def test_a_file_that_names_only_us_does_not_lose_the_resolvers(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 169.254.0.2\n")
    assert resolv_conf.take_over(_OWN, ["10.0.0.2"], path=str(path)) == ["10.0.0.2"]
    missing = tmp_path / "missing"
    assert resolv_conf.take_over(_OWN, [], path=str(missing)) == []
    assert missing.read_text() == "nameserver 169.254.0.2\n"
