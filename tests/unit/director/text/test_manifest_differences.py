"""What of a manifest differs from the deployed one: value by value, and no secret among them."""

from collections.abc import Mapping

from director.model.secret_ref import Property
from director.text.manifest_differences import manifest_differences

_BEFORE: Mapping[str, Property] = {
    "name": "web",
    "releases": [{"name": "web", "version": "1.0"}],
    "update": {"canaries": 1, "serial": True},
    "instance_groups": [
        {
            "name": "web",
            "instances": 1,
            "jobs": [{"name": "web", "release": "web", "properties": {"port": 80, "tls": {"level": 1}}}],
        }
    ],
}


def _group(**changed: Property) -> Mapping[str, Property]:
    groups = _BEFORE["instance_groups"]
    assert isinstance(groups, list)
    return {**_BEFORE, "instance_groups": [{**groups[0], **changed}]}


def _job(**properties: Property) -> Mapping[str, Property]:
    return _group(jobs=[{"name": "web", "release": "web", "properties": properties}])


def _told(after: Property, before: Property = _BEFORE) -> list[tuple[str, str, str | None, str | None]]:
    return [(each.group, each.path, each.before, each.after) for each in manifest_differences(before, after)]


def test_the_same_manifest_has_no_difference() -> None:
    assert _told(_BEFORE) == []


def test_properties_are_told_one_by_one() -> None:
    after = _job(port=8080, tls={"level": 2}, title="Hi")
    assert _told(after) == [
        ("web", "job web: port", "80", "8080"),
        ("web", "job web: tls.level", "1", "2"),
        ("web", "job web: title", None, '"Hi"'),
    ]


def test_a_property_that_goes_has_no_value_after() -> None:
    assert _told(_job(port=80)) == [("web", "job web: tls", '{"level": 1}', None)]


def test_versions_and_counts_are_values_too() -> None:
    after = {
        **_group(instances=3),
        "releases": [{"name": "web", "version": "1.1"}],
        "update": {"canaries": 2, "serial": True},
    }
    assert _told(after) == [
        ("", "release web: version", '"1.0"', '"1.1"'),
        ("", "update.canaries", "1", "2"),
        ("web", "instances", "1", "3"),
    ]


def test_a_job_or_release_of_another_name_comes_and_goes() -> None:
    after = {**_BEFORE, "releases": [{"name": "site", "version": "1.0"}]}
    assert _told(after) == [("", "release site", None, "there"), ("", "release web", "there", None)]


def test_a_group_in_one_manifest_alone_is_seen_by_its_instances() -> None:
    assert _told({**_BEFORE, "instance_groups": []}) == []


def test_a_renamed_group_is_compared_with_what_it_was() -> None:
    renamed = _group(name="site", instances=2, migrated_from=[{"name": "old"}, {"name": "web"}])
    assert _told(renamed) == [
        ("site", "name", '"web"', '"site"'),
        ("site", "instances", "1", "2"),
        ("site", "migrated_from", None, '[{"name": "old"}, {"name": "web"}]'),
    ]


def test_secrets_are_shown_by_their_names_alone() -> None:
    before = _job(admin_password="former1", db={"token": "former2"}, users=[{"name": "a", "password": "former3"}])
    after = _job(admin_password="((admin))", db={"token": "next2"}, users=[{"name": "a", "password": "next3"}])
    told = _told(after, before)
    assert told[:2] == [
        ("web", "job web: admin_password", "<redacted>", '"((admin))"'),
        ("web", "job web: db.token", "<redacted>", "<redacted>"),
    ]
    assert not any(secret in str(told) for secret in ("former", "next"))


def test_a_new_map_with_secrets_in_it_hides_them() -> None:
    told = _told(_job(port=80, tls={"level": 1, "deep": {"secret_key": "hidden-1"}}))
    assert told == [("web", "job web: tls.deep", None, '{"secret_key": "<redacted>"}')]


def test_what_stands_below_a_secret_key_or_looks_like_a_secret_is_not_shown() -> None:
    hidden: Mapping[str, Property] = {
        "passwords": {"admin": "hush"},
        "credentials": {"value": {"deep": "hush"}},
        "apikey": "hush",
        "adminPassword2": "hush",
        "pwd": "hush",
        "dsn": "hush",
        "connectionString": "hush",
        "database": "postgres://web:hush@10.0.0.1/web",
        "chain": "-----BEGIN RSA PRIVATE KEY-----\nhush",
        "list": [{"apiKeys": ["hush"]}, "https://a:hush@b"],
    }
    others: Mapping[str, Property] = {key: "a" if isinstance(value, str) else {} for key, value in hidden.items()}
    for before in (_job(), _job(**others)):
        told = _told(_job(**hidden), before)
        assert len(told) == len(hidden)
        assert "hush" not in str(told)
    nested = _told(_job(passwords={"admin": "hush", "b": "hush"}), _job(passwords={"admin": "past", "b": "hush"}))
    assert nested == [("web", "job web: passwords.admin", "<redacted>", "<redacted>")]


def test_what_is_no_secret_is_shown() -> None:
    shown: Mapping[str, Property] = {
        "url": "https://web.example.org:8443/a@b",
        "by_name": "postgres://web:((password))@10.0.0.1/web",
        "compass": "north",
        "bypass_list": "10.0.0.0/8",
        "monkey_patch": True,
        "keyspace": "web",
    }
    assert "<redacted>" not in str(_told(_job(**shown), _job()))


def test_a_long_value_is_cut() -> None:
    (told,) = manifest_differences(_BEFORE, _job(port="x" * 500, tls={"level": 1}))
    assert told.after is not None
    assert len(told.after) == 60
