"""Who may see what at the console."""

import base64
import logging
import re

import pytest

from console.sessions import Sessions

from tests.unit.manifests.console.visiting import PASSWORDS, SETTINGS, Visitor, World


def test_a_stranger_is_sent_to_the_login_and_sees_nothing() -> None:
    client = World().visitor()
    page, api, reveal = client.get("/"), client.get("/api/services"), client.post("/services/0/password")
    assert (page.status, page.headers["location"]) == (303, "/login")
    assert (api.status, api.json()) == (401, {"error": "not logged in"})
    assert (reveal.status, reveal.headers["location"]) == (303, "/login")
    assert "10.0.0.5" not in client.get("/login").text


def test_health_is_told_to_anyone() -> None:
    answer = World().visitor().get("/healthz")
    assert (answer.status, answer.text) == (200, "ok\n")


def test_the_administrator_sees_each_service_but_no_password() -> None:
    visitor = World().visitor()
    assert visitor.log_in() == 303
    page = visitor.get("/").text
    for shown in ("PostgreSQL", "10.0.0.5:5432", "18.4", "1 of 2 services is down", "refused by &lt;10.0.0.6&gt;"):
        assert shown in page
    assert "psql &#x27;host=10.0.0.5 port=5432 dbname=platform user=platform&#x27;" in page
    assert [secret for secret in PASSWORDS if secret in page or secret[:9] in page] == []


def test_what_services_say_is_escaped() -> None:
    visitor = World().visitor()
    visitor.log_in()
    page, api = visitor.get("/").text, visitor.get("/api/services").json()
    assert "&lt;b&gt;3&lt;/b&gt;" in page
    assert "<b>3</b>" not in page + api["services"][0]["facts_html"]
    assert "<title>Plat &amp; form</title>" in page


def test_states_are_given_as_json_without_passwords() -> None:
    visitor = World().visitor()
    visitor.log_in()
    answer = visitor.get("/api/services")
    assert [(one["name"], one["up"], one["version"], one["trouble"]) for one in answer.json()["services"]] == [
        ("PostgreSQL", True, "18.4", ""),
        ("Redis", False, "", "refused by <10.0.0.6>"),
    ]
    assert answer.json()["summary"] == "1 of 2 services is down"
    assert [secret for secret in PASSWORDS if secret[:9] in answer.text] == []


def test_a_password_is_revealed_only_by_a_form_of_this_session() -> None:
    visitor = World().visitor()
    visitor.log_in()
    token, other = visitor.form_token("/"), World().visitor()
    other.log_in()
    as_json = {"accept": "application/json"}
    good = visitor.post("/services/0/password", {"form_token": token}, headers=as_json)
    page = visitor.post("/services/1/password", {"form_token": token})
    assert good.json() == {"password": PASSWORDS[0]}
    assert ("rd-secret-word" in page.text, "pg-" in page.text) == (True, False)
    refused = [
        visitor.post("/services/0/password", {"form_token": "0" * 64}, headers=as_json).status,
        visitor.post("/services/0/password", headers=as_json).status,
        other.post("/services/0/password", {"form_token": token}, headers=as_json).status,
        visitor.post("/services/9/password", {"form_token": token}, headers=as_json).status,
        visitor.get("/services/0/password").status,
    ]
    assert refused == [403, 403, 403, 404, 405]


def test_a_login_needs_the_right_user_password_and_form() -> None:
    visitor = World().visitor()
    assert visitor.log_in(password="wrong") == 401
    assert visitor.log_in(user="root") == 401
    form = {"user": "admin", "password": PASSWORDS[2], "form_token": "0" * 64}
    assert visitor.post("/login", form).status == 403
    assert visitor.get("/").status == 303
    assert visitor.log_in() == 303


def test_guessing_is_slowed_down_and_locks_nobody_out_who_has_the_right_password() -> None:
    world = World()
    visitor = world.visitor()
    assert {visitor.log_in(password=f"guess {number}") for number in range(10)} == {401}
    assert world.pauses == []
    token = visitor.form_token()
    late = visitor.post("/login", {"user": "admin", "password": "guess 11", "form_token": token})
    assert (late.status, 1 <= int(late.headers["retry-after"]) <= 61, world.pauses) == (429, True, [1.0])
    assert (visitor.log_in(), world.pauses) == (303, [1.0, 1.0])
    visitor.cookie = ""
    assert (visitor.log_in(password="one slip"), len(world.pauses)) == (401, 2)


def test_a_minute_later_a_guesser_begins_anew() -> None:
    world = World()
    visitor = world.visitor()
    assert [visitor.log_in(password=f"guess {number}") for number in range(11)][9:] == [401, 429]
    world.clock.seconds += 61
    assert (visitor.log_in(password="guess"), len(world.pauses)) == (401, 1)


@pytest.mark.parametrize(
    ("host", "is_reported"),
    [
        ("console.example.org:8443", True),
        ("console", True),
        ("203.0.113.1:8443", False),
        ("[2001:db8::1]:8443", False),
        ("localhost:8443", False),
        ("a.localhost", False),
    ],
)
def test_a_browser_keeps_to_tls_where_we_have_a_name_of_our_own(host: str, is_reported: bool) -> None:
    answer = World().visitor().get("/login", headers={"host": host})
    assert ("strict-transport-security" in answer.headers) is is_reported


def test_logging_in_changes_the_session_and_logging_out_ends_every_copy_of_it() -> None:
    visitor = World().visitor()
    visitor.get("/login")
    before = visitor.cookie
    visitor.log_in()
    stolen = visitor.cookie
    assert stolen.split(".")[0] != before.split(".")[0]
    visitor.post("/logout", {"form_token": "0" * 64})
    assert _status_with(visitor, stolen) == 200
    visitor.cookie = stolen
    assert visitor.post("/logout", {"form_token": visitor.form_token("/")}).headers["location"] == "/login"
    assert visitor.cookie == ""
    assert _status_with(visitor, stolen) == 303


def test_a_session_ends_after_its_hours_and_a_forged_one_counts_for_nothing() -> None:
    world = World()
    visitor = world.visitor()
    visitor.log_in()
    token = visitor.cookie
    id_, role, expires, signature = token.split(".")
    forged = [f"{id_}.{role}.{int(expires) + 1}.{signature}", f"{id_}.guest.{expires}.{signature}", token[:-1], "", "é"]
    assert {_status_with(visitor, one.encode().decode("latin-1")) for one in forged} == {303}
    assert _status_with(visitor, token) == 200
    world.clock.seconds += 8 * 3600
    assert _status_with(visitor, token) == 303


def test_a_program_may_use_basic_credentials_and_is_slowed_down_alike() -> None:
    client = World().visitor()
    good, bad = _basic("admin", PASSWORDS[2]), _basic("admin", "wrong")
    assert client.get("/", headers=good).status == 200
    assert client.get("/api/services", headers=good).json()["services"][0]["up"] is True
    refused = client.get("/", headers=bad)
    assert (refused.status, "www-authenticate" in refused.headers) == (401, False)
    assert [client.get("/", headers=header).status for header in _unreadable()] == [401, 401, 401]
    assert client.post("/services/0/password", headers=good).status == 303
    assert [client.get("/", headers=bad).status for _ in range(7)][5:] == [401, 429]
    assert client.get("/", headers=good).status == 200


def test_every_answer_is_shielded_and_the_cookie_stays_with_this_host() -> None:
    visitor = World().visitor()
    first, second = visitor.get("/login"), visitor.get("/login")
    policies = [answer.headers["content-security-policy"] for answer in (first, second, visitor.get("/nothing"))]
    nonces = [re.search(r"script-src 'nonce-([^']+)'", policy)[1] for policy in policies]  # type: ignore[index]
    assert len(set(nonces)) == 3
    assert all(policy.startswith("default-src 'none'; base-uri 'none'") for policy in policies)
    assert f'<style nonce="{nonces[0]}">' in first.text
    assert (first.headers["x-frame-options"], first.headers["cache-control"]) == ("DENY", "no-store")
    kept = first.headers["set-cookie"].split("; ")[1:]
    assert sorted(kept) == ["HttpOnly", "Path=/", "SameSite=strict", "Secure"]


def test_pages_load_nothing_from_elsewhere_and_have_no_inline_handlers() -> None:
    visitor = World().visitor()
    visitor.log_in()
    page = visitor.get("/").text
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,"]
    assert re.findall(r"https?://", page) == []
    assert re.findall(r"\son[a-z]+=|\sstyle=", page) == []


def test_a_form_that_is_too_long_or_no_form_is_refused() -> None:
    client = World().visitor()
    bodies = [b"a=" + b"x" * 9000, b"\xff\xfe", b"&".join(b"a=1" for _ in range(100))]
    assert [client.post("/login", body).status for body in bodies] == [403, 403, 403]


def test_the_access_log_has_no_query_no_body_and_no_line_break(caplog: pytest.LogCaptureFixture) -> None:
    visitor = World().visitor()
    with caplog.at_level(logging.INFO, logger="console.access"):
        visitor.log_in()
        visitor.get("/login%0Aforged?password=open-sesame")
    lines = [re.sub(r"\d+ ms$", "* ms", record.getMessage()) for record in caplog.records if "access" in record.name]
    assert lines == [
        "10.0.0.9 GET /login 200 * ms",
        "10.0.0.9 POST /login 303 * ms",
        "10.0.0.9 GET /login%0Aforged 404 * ms",
    ]


def _basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def _unreadable() -> list[dict[str, str]]:
    return [{"authorization": text} for text in ("Bearer x", "Basic !!!", "Basic /w==")]


def _status_with(visitor: Visitor, cookie: str) -> int:
    return Visitor(app=visitor.app, cookie=cookie).get("/").status


def test_the_previous_password_and_session_key_count_until_they_are_replaced() -> None:
    during = World().visitor()
    assert during.log_in(SETTINGS.previous_admin_password) == 303
    former = Sessions([SETTINGS.previous_session_key], lifetime_s=60, now=World().clock)
    during.cookie = former.token(former.start("admin"))
    assert during.get("/api/services").status == 200
    assert during.post("/services/0/password", {"form_token": during.form_token("/")}).status == 200
    stranger = Sessions(["x" * 40], lifetime_s=60, now=World().clock)
    during.cookie = stranger.token(stranger.start("admin"))
    assert during.get("/api/services").status == 401
    assert World().visitor().log_in("another-sesame") == 401
