"""The configuration hash: it differs when, and only when, what templates see differs."""

from dataclasses import replace

from director.model import secret_ref
from director.model.environments.desired import Job
from director.model.releases.release import LinkDefinition, PropertyDefinition
from director.model.secret_ref import Property, SecretRef, SecretText
from director.plan.deciding import hashes
from tests.unit.director.plan import scenes

REF = SecretRef(name="/e/d/pw", path=("password",))


def _hash(properties: dict[str, Property], versions: dict[str, int] | None = None, job: Job | None = None) -> str:
    jobs = [replace(job or scenes.job("web"), properties=properties)]
    shared = hashes.shared_hashes(jobs, {"web": {}}, versions or {})
    return hashes.instance_hashes(shared, {"index": 0}, versions or {}).whole


def test_the_order_of_keys_does_not_matter_and_that_of_lists_does() -> None:
    assert _hash({"a": 1, "b": [1, 2]}) == _hash({"b": [1, 2], "a": 1})
    assert _hash({"a": 1, "b": [1, 2]}) != _hash({"a": 1, "b": [2, 1]})


def test_a_secret_counts_by_name_path_and_version_and_absent_is_the_first() -> None:
    assert _hash({"a": REF}) == _hash({"a": REF}, {"/e/d/pw": 1})
    assert len({_hash({"a": REF}), _hash({"a": REF}, {"/e/d/pw": 2}), _hash({"a": replace(REF, path=())})}) == 3


def test_a_secret_inside_text_counts_too() -> None:
    text = SecretText(parts=("https://u:", REF, "@h"))
    assert len({_hash({"a": text}), _hash({"a": text}, {"/e/d/pw": 2}), _hash({"a": str(text)})}) == 3


def test_a_property_that_looks_like_a_secret_is_none() -> None:
    assert _hash({"a": REF}) != _hash({"a": {"secret": ["/e/d/pw", ["password"], 1]}})


def test_another_version_of_a_release_with_the_same_job_is_no_change() -> None:
    job = scenes.job("web")
    assert _hash({}, job=job) == _hash({}, job=replace(job, release_version="2"))
    assert _hash({}, job=job) != _hash({}, job=replace(job, source=replace(job.source, fingerprint="other")))


def test_the_names_of_all_secrets_are_found() -> None:
    value: Property = {"a": [REF, {"b": SecretText(parts=("x", SecretRef(name="y")))}], "c": None, "d": 1.5}
    assert list(secret_ref.secret_names(value)) == ["/e/d/pw", "y"]


def test_an_instances_own_spec_counts() -> None:
    shared = hashes.ConfigurationHashes(whole="x", restart="y")
    first, second = (hashes.instance_hashes(shared, {"index": index}, {}) for index in range(2))
    assert first.whole != second.whole and first.restart != second.restart


def test_what_a_job_reloads_is_no_part_of_the_hash_that_makes_a_restart() -> None:
    properties = (PropertyDefinition(name="tls.key", is_reloaded=True), PropertyDefinition(name="tls.port"))
    link = LinkDefinition(name="db", type="db", reloaded=("password",))
    plain = scenes.job("web")
    job = replace(plain, source=replace(plain.source, properties=properties, consumes=(link,)))

    def hashed(key: str, port: int = 1, *, password: str = "a", address: str = "b") -> hashes.ConfigurationHashes:
        links: Property = {"instances": [{"address": address}], "properties": {"password": password, "user": "u"}}
        jobs = [replace(job, properties={"tls": {"key": key, "port": port}})]
        return hashes.shared_hashes(jobs, {"web": {"db": links}}, {})

    first = hashed("x")
    assert first.restart and first.whole != first.restart
    assert {hashed("y").restart, hashed("x", password="c").restart} == {first.restart}
    assert len({each.whole for each in (first, hashed("y"), hashed("x", password="c"))}) == 3
    assert first.restart not in {hashed("x", 2).restart, hashed("x", address="c").restart}


def test_jobs_that_reload_nothing_have_no_hash_of_their_own_for_restarts() -> None:
    assert hashes.shared_hashes([scenes.job("web")], {}, {}).restart == ""
