"""The whole document, fuzzed: no 5xx, no status, header or shape that it does not name.

`RETAILVISION_FUZZ_EXAMPLES` says how many requests each operation gets: few in the suite, many in
`make fuzz`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from api.models import ApiKey
from api.scopes import Scope
from tests.pictures import phone_photo, product_photo
from tests.retailvision.role_matrix.world import World, build_world

EXAMPLES = int(os.environ.get("RETAILVISION_FUZZ_EXAMPLES", "4"))
CONFIG = schemathesis.Config.from_path(Path(__file__).with_name("schemathesis.toml"))

schemathesis.openapi.format(
    "binary", st.sampled_from([phone_photo(1), product_photo(2), b"", b"no photo"]) | st.binary(max_size=64)
)  # fmt: skip


def _document() -> Any:
    from drf_spectacular.generators import SchemaGenerator

    schema = schemathesis.openapi.from_dict(
        SchemaGenerator().get_schema(request=None, public=True), config=CONFIG
    )
    schema.app = get_wsgi_application()
    return schema


OPERATIONS = [each.ok() for each in _document().get_all_operations()]


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction for all: the shop is built once, and each request is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def shop(db: None, tmp_path_factory: pytest.TempPathFactory) -> World:
    media: Path = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=media, QUERY_PHOTO_DIR=media / "queries"):
        return build_world(media)


@pytest.fixture(autouse=True)
def _own_media(settings: Any, shop: World) -> None:
    """The photos are the shop's, which outlives a test."""
    settings.MEDIA_ROOT = shop.media
    settings.QUERY_PHOTO_DIR = shop.media / "queries"


@pytest.fixture(autouse=True)
def _open_connection() -> Iterator[None]:
    """As Django's own test client does it: a request leaves the connection open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def keys(shop: World) -> dict[str, str]:
    """Whoever calls: with every right, with few, with none."""
    issue = ApiKey.objects.issue
    return {
        "everything": issue(user=shop.users["superuser"], name="a", scopes=Scope.values)[1],
        "a partner": issue(user=shop.users["partner"], name="b", scopes=Scope.values)[1],
        "nothing": "",
    }


@pytest.fixture(scope="module")
def real(shop: World) -> dict[str, Any]:
    """Path parameters that lead to something, as fuzz alone would never find them."""
    own = shop.places["own"]
    return {
        "sku": shop.product.sku, "photo": shop.image.pk, "category": shop.category.pk,
        "store": own.store.code, "code": own.store.code,
        "operation": own.operation.pk, "transfer": own.leaving.pk, "stocktake": own.stocktake.pk,
        "token": own.sighting.token, "encoder": shop.encoder.pk,
        "calibration": shop.calibration.pk, "feature_map": shop.feature_map.pk,
    }  # fmt: skip


@pytest.fixture
def without_rates(settings: Any) -> None:
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "1000000/s")


@pytest.mark.parametrize("who", ["everything", "a partner", "nothing"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_operation(
    operation: Any, who: str, keys: dict[str, str], real: dict[str, Any], without_rates: None
) -> None:
    headers = {"Authorization": f"Bearer {keys[who]}"} if keys[who] else {}
    for mode in schemathesis.GenerationMode:
        _fuzz(operation.as_strategy(generation_mode=mode), lambda case: _ask(case, headers, real))


def _fuzz(cases: st.SearchStrategy[Any], ask: Callable[[Any], None]) -> None:
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def run(case: Any) -> None:
        ask(case)

    # A call that takes nothing cannot be asked wrongly.
    with suppress(Unsatisfiable):
        run()


def _ask(case: Any, headers: dict[str, str], real: dict[str, Any]) -> None:
    """Every other request goes to something that is there; whatever it did is taken back."""
    known = {
        name: real[name]
        for name, value in (case.path_parameters or {}).items()
        # One that is broken on purpose stays so: what cannot be must be refused.
        if name in real and type(value) is type(real[name])
    }
    if len(str(case.path_parameters)) % 2:
        case.path_parameters.update(known)
    with transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    case.validate_response(response, headers=headers)
