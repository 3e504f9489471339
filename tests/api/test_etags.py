"""Versions: weak and strong tags, lists of them, and none."""

import pytest
from django.test import RequestFactory

from api.errors import PreconditionFailed, PreconditionRequired
from api.etags import etag_of, is_unchanged, require_match

TAG = etag_of({"name": "Lamp", "price": "2.99"})


def asking(**headers: str):
    return RequestFactory().get("/", headers=headers)


def test_content_decides_and_order_does_not() -> None:
    assert etag_of({"price": "2.99", "name": "Lamp"}) == TAG
    assert etag_of({"price": "3.00", "name": "Lamp"}) != TAG
    assert TAG.startswith('"')


@pytest.mark.parametrize("header", [TAG, f'"other", {TAG}', "*"])
def test_who_names_the_version_may_change_it(header: str) -> None:
    require_match(asking(**{"If-Match": header}), TAG)


@pytest.mark.parametrize("header", ['"other"', f"W/{TAG}", TAG.strip('"'), "nonsense", '"'])
def test_another_version_is_refused(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        require_match(asking(**{"If-Match": header}), TAG)


@pytest.mark.parametrize("headers", [{}, {"If-Match": ""}, {"If-Match": "  "}])
def test_no_version_is_asked_for(headers: dict[str, str]) -> None:
    with pytest.raises(PreconditionRequired):
        require_match(asking(**headers), TAG)


@pytest.mark.parametrize(
    ("header", "unchanged"),
    [(TAG, True), (f"W/{TAG}", True), ("*", True), ('"other"', False), ("", False)],
)
def test_who_has_it_already_need_not_load_it(header: str, unchanged: bool) -> None:
    assert is_unchanged(asking(**{"If-None-Match": header}), TAG) is unchanged
