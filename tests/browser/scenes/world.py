"""The shop in which the scenes play: made once, looked at many times."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.test import Client, override_settings
from PIL import Image

from products.models import Product
from products.renditions.making import make_due
from recognition.calibrations import apply_run, withdraw_all
from recognition.confidence import FEATURES, ConfidenceModel
from recognition.embedding import embed_pending
from recognition.loaded import forget_encoders, shared_batch_for
from recognition.models import Calibration, CalibrationRun, Encoder
from recognition.search import Query
from recognition.sightings import answer_and_record
from recognition.versions import settle_encoder
from stores import ledger, stocktaking
from stores.low_stock import flag_low_stock, set_reorder_point
from stores.models import Stocktake, Store, Transfer
from tests.browser.scenes.goods import Good, Goods
from tests.factories import ProductFactory, StaffFactory, StoreFactory, UserFactory, person

# Scenes ask far more often than a person may.
UNHURRIED = dict.fromkeys(settings.API_RATES, "1000000/min")
_HOURS = "Mo-Fr 08:00-20:00\nSa 09:00-18:00"
_SURE, _UNSURE = 8.0, -8.0


@dataclass(slots=True)
class World:
    """What scenes need by name; the address, once it is served."""

    goods: Goods
    encoder: Encoder
    main: Product
    twin: Product
    bare: Product
    long: Product
    store: Store
    other: Store
    clerk: Any
    nobody: Any
    count: Stocktake
    begun: Stocktake
    approved: Stocktake
    arriving: Transfer
    sent: Transfer
    over: Transfer
    runs: dict[str, CalibrationRun]
    answer: str
    address: str = ""

    def cookie_of(self, user: Any) -> str:
        """The session of somebody who has just logged in."""
        client = Client()
        client.force_login(user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    @contextmanager
    def judging(self, kind: str) -> Iterator[None]:
        """Every photo is called `match`, `lookalike` or `unknown` meanwhile."""
        apply_run(run=self.runs[kind])
        try:
            yield
        finally:
            withdraw_all(encoder=self.encoder)

    @contextmanager
    def with_fallback(self) -> Iterator[None]:
        """The encoder says that it stands in for a better one."""
        encoders = Encoder.objects.filter(pk=self.encoder.pk)
        encoders.update(fallback_reason="The weights of CLIP could not be had from the hub.")
        try:
            yield
        finally:
            encoders.update(fallback_reason="")

    @contextmanager
    def busy(self) -> Iterator[None]:
        """The encoder works on one photo, and as many wait as may."""
        with override_settings(SEARCH_MAX_WAITING=1):
            forget_encoders()
            batch = shared_batch_for(self.encoder.key)
            slow = _SlowPicture()
            threads = [
                threading.Thread(target=batch.encode_image, args=(picture,))
                for picture in (slow, Image.new("RGB", (8, 8)))
            ]
            threads[0].start()
            slow.looked_at.wait()
            threads[1].start()
            while not batch._queue:
                pass
            try:
                yield
            finally:
                slow.go_on.set()
                for each in threads:
                    each.join()
                forget_encoders()


class _SlowPicture(Image.Image):
    """Keeps whoever looks at it until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at, self.go_on = threading.Event(), threading.Event()

    def convert(self, *_args: Any, **_options: Any) -> Image.Image:
        self.looked_at.set()
        self.go_on.wait()
        return Image.new("RGB", (8, 8))


def build_world(goods: Goods, *, renditions: bool = False) -> World:
    """`renditions`: photos in all formats and sizes, as the worker makes them; else thumbnails."""
    encoder = settle_encoder()
    products = {good.fields["sku"]: _product(good) for good in goods.all()}
    embed_pending(encoder)
    if renditions:
        make_due()
    main, twin, bare, long = (
        products[good.fields["sku"]] for good in (goods.main, goods.twin, goods.bare, goods.long)
    )
    store, other = _store("center", "Altona", 53.5523), _store("harbour", "HafenCity", 53.5433)
    StoreFactory(code="old", name="Barmbek", is_active=False)
    clerk = person(
        "Store clerk", store, username="maria", first_name="Maria", last_name="Brandt",
        is_staff=False,
    )  # fmt: skip
    neighbour = person("Store clerk", other, username="jonas", first_name="Jonas", is_staff=False)
    stocked = [product for product in products.values() if product not in (bare, long)]
    for place, actor, most in ((store, clerk, 24), (other, neighbour, 9)):
        lines = [(product, 1 + 7 * n % most) for n, product in enumerate(stocked)]
        ledger.receive(actor=actor, store=place, lines=lines, reference="opening stock")
    ledger.sell(actor=clerk, store=store, lines=[(stocked[3], 2)], reference="receipt 17")
    ledger.adjust(actor=clerk, store=store, lines=[(main, 5)], reason="Found")
    admin = StaffFactory(username="scenes")
    for product in stocked[:9]:
        set_reorder_point(actor=admin, store=store, product=product, reorder_point=15)
    flag_low_stock()
    arriving, over = (
        ledger.dispatch_transfer(
            actor=neighbour, source=other, destination=store, lines=[(twin, 2), (stocked[4], 1)]
        )
        for _ in range(2)
    )
    ledger.receive_transfer(
        actor=clerk, transfer=over, lines=[(twin, 2), (stocked[4], 1)], close=True
    )
    sent = ledger.dispatch_transfer(
        actor=clerk, source=store, destination=other, lines=[(main, 1), (stocked[5], 2)]
    )
    return World(
        goods=goods, encoder=encoder, main=main, twin=twin, bare=bare, long=long, store=store,
        other=other, clerk=clerk, nobody=UserFactory(username="nobody"),
        count=_count(store, clerk, neighbour, stocked), approved=_approved(store, clerk, stocked),
        begun=stocktaking.open_stocktake(actor=clerk, store=store, category=main.category),
        arriving=arriving, sent=sent, over=over, runs=_runs(encoder), answer=_answer(goods),
    )  # fmt: skip


def _product(good: Good) -> Product:
    from products.photos import add_photo

    product = ProductFactory(**good.fields)
    for photo in good.photos:
        add_photo(product=product, data=photo)
    return product


def _store(code: str, name: str, latitude: float) -> Store:
    return StoreFactory(
        code=code, name=name, latitude=latitude, longitude=9.93, opening_hours=_HOURS,
        address="Ottenser Hauptstraße 10\n22765 Hamburg",
    )  # fmt: skip


def _count(store: Store, clerk: Any, neighbour: Any, products: list[Product]) -> Stocktake:
    """A stocktake of the whole store in which two people have counted."""
    neighbour.stores.add(store)
    count = stocktaking.open_stocktake(actor=clerk, store=store)
    for n, product in enumerate(products[:6]):
        actor = neighbour if n % 3 == 2 else clerk
        stocktaking.count_product(actor=actor, stocktake=count, product=product, counted=2 + 3 * n)
    return count


def _approved(store: Store, clerk: Any, products: list[Product]) -> Stocktake:
    done = stocktaking.open_stocktake(actor=clerk, store=store, category=products[8].category)
    stocktaking.count_product(actor=clerk, stocktake=done, product=products[8], counted=1)
    stocktaking.approve(actor=clerk, stocktake=done)
    return done


def _runs(encoder: Encoder) -> dict[str, CalibrationRun]:
    """Calibrations by which every photo is of one kind."""
    return {
        "match": _run(encoder, right=_SURE, known=_SURE),
        "lookalike": _run(encoder, right=_UNSURE, known=_SURE),
        "unknown": _run(encoder, right=_UNSURE, known=_UNSURE),
    }


def _run(encoder: Encoder, *, right: float, known: float) -> CalibrationRun:
    nothing, unit = (0.0,) * len(FEATURES), (1.0,) * len(FEATURES)
    fitted = {
        "right": ConfidenceModel(nothing, unit, nothing, right).as_data(),
        "known": ConfidenceModel(nothing, unit, nothing, known).as_data(),
        "unknown_below": 0.5,
    }
    run = CalibrationRun.objects.create(
        encoder=encoder, scoring=encoder.scoring, kind="queries", state="done", target_error=0.05,
        unknown_share=0.1, catalogue_photos=30, catalogue_products=30, fitted=fitted,
    )  # fmt: skip
    Calibration.objects.create(
        run=run, target_error=0.05, scope="", category=None, outcome="own", threshold=0.5,
        error_bound=0.04, samples=400, known=400, unknown=0, simulated=400, right=300, set_gap=0.2,
        set_rate=0.95,
    )  # fmt: skip
    return run


def _answer(goods: Goods) -> str:
    """The token of an answer that somebody got."""
    from recognition.models import Sighting
    from recognition.query_photos import read_query_photo

    query = Query(photo=read_query_photo(goods.main.asked))
    answer = answer_and_record(query, user=None, source=Sighting.Source.SEARCH)
    assert answer.sighting is not None
    return answer.sighting
