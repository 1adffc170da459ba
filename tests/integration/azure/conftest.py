"""Certificates for the stand-in, created once: they take longer than everything else."""

import pytest

from tests.support.azure.tls import Certificates, make_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))
