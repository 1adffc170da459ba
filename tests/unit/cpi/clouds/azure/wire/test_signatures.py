"""Signatures as Microsoft's own library makes them: the expected ones are of azure-storage-blob 12.31.1."""

from urllib.parse import parse_qsl, urlsplit

from cpi.clouds.azure.wire import signatures

ACCOUNT = signatures.StorageAccount(name="compleatabc", endpoint="https://compleatabc.blob.example/", key=b"k" * 64)
NAME = f"sha256/{'0' * 64}"
END_S = 1_800_000_000


def test_a_signature_is_microsofts() -> None:
    url = urlsplit(signatures.sign(ACCOUNT, NAME, permissions="r", end_s=END_S))
    assert url[:3] == ("https", "compleatabc.blob.example", f"/blobs/{NAME}")
    assert dict(parse_qsl(url.query)) == {
        "sp": "r",
        "se": "2027-01-15T08:00:00Z",
        "spr": "https",
        "sv": "2021-08-06",
        "sr": "b",
        "sig": "6XDDLaPgt2azaJ0QDazO1UXJSHuWcBl+i7ewOwxW4F8=",
    }


def test_http_is_for_endpoints_that_speak_it_alone() -> None:
    plain = signatures.StorageAccount(name="a", endpoint="http://stack.example:1/a", key=b"k")
    url = urlsplit(signatures.sign(plain, NAME, permissions="r", end_s=END_S))
    assert (url.path, dict(parse_qsl(url.query))["spr"]) == (f"/a/blobs/{NAME}", "https,http")


def test_an_accounts_key_is_not_shown() -> None:
    assert "kkk" not in repr(ACCOUNT)
