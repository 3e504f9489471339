"""Every answer has the id of its request, which stands in the log as well."""

import logging
import uuid

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_an_answer_has_an_id_of_its_own(client: Client) -> None:
    ids = {client.get("/api/v1/whoami/")["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2
    assert all(uuid.UUID(each) for each in ids)


def test_a_callers_uuid_is_taken_over_and_nothing_else(client: Client) -> None:
    mine = str(uuid.uuid4())
    assert client.get("/health/", headers={"X-Request-ID": mine})["X-Request-ID"] == mine
    for odd in ("a" * 4000, "<script>", "1; DROP TABLE", "é"):
        given = client.get("/health/", headers={"X-Request-ID": odd})["X-Request-ID"]
        assert uuid.UUID(given)
        assert given != odd


def test_the_log_names_it(client: Client, caplog: pytest.LogCaptureFixture, settings) -> None:
    from django.utils.log import DEFAULT_LOGGING  # noqa: F401
    from django_guid.log_filters import CorrelationId

    mine = str(uuid.uuid4())
    caplog.handler.addFilter(CorrelationId())
    with caplog.at_level(logging.WARNING):
        client.get("/api/v1/nothing/", headers={"X-Request-ID": mine})
    assert [
        record.correlation_id for record in caplog.records if "nothing" in record.getMessage()
    ] == [mine]
    assert "{correlation_id}" in settings.LOGGING["formatters"]["line"]["format"]
