"""The domain of an environment whose file names none."""

import pytest

from director.model.environments.public_domains import with_system_domain


@pytest.mark.parametrize(
    ("variables", "domain"),
    [
        ({"jumpbox_public_ip": "203.0.113.1", "console_public_ip": "203.0.113.2"}, "203.0.113.2.sslip.io"),
        ({"jumpbox_public_ip": "203.0.113.1", "far_jumpbox_public_ip": "203.0.113.9"}, "203.0.113.1.sslip.io"),
        ({"web_public_ip": "203.0.113.2", "system_domain": "mine.example.org"}, "mine.example.org"),
        ({"web_public_ip": "2001:db8::1"}, None),
        ({"web_public_host": "127.0.0.1"}, None),
    ],
)
def test_it_is_that_of_the_first_public_address_but_the_jumpboxs(variables: dict[str, str], domain: str | None) -> None:
    assert with_system_domain(variables).get("system_domain") == domain
