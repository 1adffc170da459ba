"""Secrets out of texts."""

from director.report.redact import HIDDEN, Redactor


def test_every_known_secret_is_hidden_also_inside_words() -> None:
    redactor = Redactor(["hunter2hunter2", {"private_key": "-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----\n"}])
    assert redactor.redact("url https://u:hunter2hunter2@h and abcdefgh") == f"url https://u:{HIDDEN}@h and {HIDDEN}"


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert Redactor(["secret", "secret-and-more"]).redact("secret-and-more") == HIDDEN


def test_what_is_public_of_a_key_pair_stays() -> None:
    redactor = Redactor([{"public_key": "ssh-rsa AAAA", "username": "administrator"}])
    assert redactor.redact("ssh-rsa AAAA administrator") == "ssh-rsa AAAA administrator"


def test_without_secrets_a_text_is_itself() -> None:
    assert Redactor([]).redact("as it is") == "as it is"
