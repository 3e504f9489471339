"""A typed client made from `docs/openapi.yaml` goes the whole way of a partner: so the document is
enough to build on.
"""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from accounts.roles import PARTNER
from recognition.embedding import embed_pending
from recognition.models import Encoder
from tests.api.programs import key_of
from tests.api.schema.test_document import DOCUMENT
from tests.factories import StoreFactory, person
from tests.pictures import phone_photo, product_photo

# No formatter and no linter of the user's is run on it.
_CONFIG = "post_hooks: []\n"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, importable."""
    folder: Path = tmp_path_factory.mktemp("client")
    config = folder / "config.yaml"
    config.write_text(_CONFIG)
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(DOCUMENT),
         "--output-path", str(folder / "made_client"), "--meta", "none", "--config", str(config)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    # It says so where it leaves a call or a model out.
    assert "Warning" not in made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield "made_client"
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "made_client"]:
        del sys.modules[name]


@pytest.fixture
def client(package: str, live_server: Any, encoder: Encoder) -> Any:
    _key, secret = key_of(person(PARTNER, StoreFactory(code="MAIN")))
    made = importlib.import_module(f"{package}.client")
    return made.AuthenticatedClient(base_url=live_server.url, token=secret, timeout=60)


@pytest.fixture
def module(package: str) -> Any:
    def load(name: str) -> ModuleType:
        return importlib.import_module(f"{package}.{name}")

    return load


@pytest.mark.django_db(transaction=True)
def test_a_partner_goes_the_whole_way(client: Any, module: Any) -> None:
    models, types = module("models"), module("types")
    catalogue = "api.catalogue"

    me = module("api.keys.who_am_i").sync(client=client)
    assert me.key.name == "Nightly"

    path = models.CategoryPathInputRequest(path="Home/Lamps")
    assert (
        module(f"{catalogue}.create_category").sync(client=client, body=path).path == "Home/Lamps"
    )

    def new() -> Any:
        photo = types.File(BytesIO(product_photo(7)), "lamp.png", "image/png")
        return models.ProductWithPhotosInputRequest(
            sku="LAMP 7", name="Desk lamp", category="Home/Lamps", price="19.90", photos=[photo]
        )

    create = module(f"{catalogue}.create_product")
    made, again = (
        create.sync_detailed(client=client, body=new(), idempotency_key="lamp-7") for _ in range(2)
    )
    assert (made.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert made.parsed.photos[0].state == models.PhotoStateEnum.PENDING

    embed_pending(Encoder.objects.get())
    read = module(f"{catalogue}.product")
    product = read.sync_detailed("LAMP 7", client=client)
    assert [photo.state for photo in product.parsed.photos] == [models.PhotoStateEnum.READY]

    asked = types.File(BytesIO(phone_photo(7)), "phone.jpg", "image/jpeg")
    answer = module("api.search.recognise").sync(
        client=client, body=models.RecogniseInputRequest(image=asked)
    )
    assert [result.product.sku for result in answer.results] == ["LAMP 7"]
    assert answer.verdict is None  # nothing was measured, so nothing is claimed

    booking = models.MovementInputRequest(
        kind=models.BookedKindEnum.RECEIVE,
        store="MAIN",
        lines=[models.LineInputRequest(quantity=24, sku="LAMP 7")],
    )
    book = module("api.stock.book")
    booked = book.sync(client=client, body=booking, idempotency_key="delivery-1")
    assert book.sync(client=client, body=booking, idempotency_key="delivery-1") == booked
    assert [move.level_after for move in booked.movements] == [24]

    change = module(f"{catalogue}.change_product")
    dearer = models.PatchedProductChangeRequest(price="21.90")
    changed = change.sync_detailed(
        "LAMP 7", client=client, body=dearer, if_match=product.headers["ETag"]
    )
    assert changed.parsed.price == "21.90"
    late = change.sync_detailed(
        "LAMP 7", client=client, body=dearer, if_match=product.headers["ETag"]
    )
    assert (late.status_code, late.parsed.errors[0].code) == (412, "changed_meanwhile")

    found = module(f"{catalogue}.products").sync(client=client, search="lamp", limit=1)
    assert [each.sku for each in found.results] == ["LAMP 7"]
