"""The shop of the matrix: two stores with the same in them, and a person of each role.

Everybody who can be staff of a store is staff of OWN and of no other.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.roles import ANALYST, CATALOGUE_EDITOR, PARTNER, STORE_CLERK
from api.models import ApiKey
from api.scopes import Scope
from products.models import Category, ImportRun, Product
from recognition.calibrating import figures
from recognition.calibrations import apply_run
from recognition.confidence import Choice
from recognition.confidence.fit import AtTarget
from recognition.models import (
    Calibration,
    CalibrationRun,
    Encoder,
    FeatureMap,
    Finding,
    ImageEmbedding,
    Sighting,
    SimilarityReport,
)
from recognition.similarity_report import begin_report, build_similarity_report
from recognition.versions import settle_encoder
from stores import ledger, stocktaking
from stores.models import StockLevel, Stocktake, StocktakeLine, Store, Transfer
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    UserFactory,
    person,
    with_photo,
)
from tests.pictures import phone_photo
from webhooks.endpoints import send_test
from webhooks.models import WebhookDelivery, WebhookEndpoint

# The columns of the matrix. `plain` may enter the admin and has no role.
PEOPLE = ("anonymous", "plain", "editor", "clerk", "analyst", "partner", "superuser")
PLACES = ("own", "other")
WATCHED_APPS = (
    "accounts", "api", "auth", "products", "stores", "recognition", "webhooks",
)  # fmt: skip


@dataclass
class Place:
    """What a store of the matrix holds. `far` is at the other end of its transfers."""

    store: Store
    far: Store
    goods: Product
    level: StockLevel
    operation: Any
    movement: Any
    arriving: Transfer
    leaving: Transfer
    stocktake: Stocktake
    line: StocktakeLine
    closed: Stocktake
    sighting: Sighting  # of a booking
    counted: Sighting  # of a count
    # An import of stock for this store alone, by somebody who works there.
    stock_run: ImportRun
    # What the ledger says of it, and the levels do not; and what leads to its open stocktake.
    secret: Any
    counting: Any


@dataclass
class World:
    media: Path
    users: dict[str, Any]
    sessions: dict[str, str]
    # By `person|scope`; `person|all` has every scope.
    keys: dict[str, str]
    places: dict[str, Place]
    product: Product
    image: Any
    spare: Product
    category: Category
    spare_category: Category
    embedding: ImageEmbedding
    encoder: Encoder
    drawn: Sighting
    feature_map: FeatureMap
    report: SimilarityReport
    calibration: Calibration
    finding: Finding
    misplaced: Finding
    run: ImportRun
    endpoint: WebhookEndpoint
    delivery: WebhookDelivery
    somebody: Any
    group: Any
    key: Any
    tables: list[str]
    untouched: tuple[Any, ...] = ()

    def client(self, who: str) -> Client:
        """A fresh one each time: what a request did to the session is rolled back with the rest.

        `clerk|stock:read` calls with a key of the clerk that has this scope alone.
        """
        if "|" in who:
            return Client(headers={"Authorization": f"Bearer {self.keys[who]}"})
        client = Client()
        if who in self.sessions:
            client.cookies["sessionid"] = self.sessions[who]
        return client

    def state(self) -> tuple[Any, ...]:
        """A digest of all that our apps store, but for the sessions and the admin's own log."""
        parts = " UNION ALL ".join(
            f"SELECT '{table}', count(*), sum(hashtextextended(t::text, 0)) FROM {table} t"  # noqa: S608
            for table in self.tables
        )
        with connection.cursor() as cursor:
            cursor.execute(parts)
            # PostgreSQL may ask the tables side by side, and answer in any order.
            return tuple(sorted(cursor.fetchall()))


def build_world(media: Path) -> World:
    """Rows are written as the site writes them: by its use cases."""
    encoder = settle_encoder()
    boss = StaffFactory(username="boss")
    own, other = (StoreFactory(code=c, name=f"{c.title()} shop") for c in ("OWN", "OTHER"))
    far = StoreFactory(code="FAR", name="Far shop")
    users = {
        "plain": UserFactory(username="plain", is_staff=True),
        "editor": person(CATALOGUE_EDITOR, username="editor"),
        "clerk": person(STORE_CLERK, username="clerk"),
        "analyst": person(ANALYST, username="analyst"),
        "partner": person(PARTNER, username="partner"),
        "superuser": boss,
    }
    own.staff.set(users.values())
    image = with_photo(1, ProductFactory(sku="SEEN", name="Seen lamp", category_path="Home/Lamps"))
    # The last photo of its product may be deleted; a second one gives an order.
    with_photo(2, image.product)
    embedding = ImageEmbedding.objects.get(image=image)
    ImageEmbedding.objects.filter(pk=embedding.pk).update(state="failed", reason="made so")
    places = {
        "own": _place(own, far, boss, users["clerk"], encoder),
        "other": _place(other, far, boss, person(STORE_CLERK, other), encoder),
    }
    spare = ProductFactory(sku="SPARE", name="Spare")
    # A number in the network that is set aside for examples would be refused at the form.
    endpoint = WebhookEndpoint.objects.create(
        owner=boss, url="https://93.184.216.34/hook", events=["stock.low"]
    )
    world = World(
        media=media,
        users=users,
        sessions={},
        keys={},
        places=places,
        product=image.product,
        image=image,
        spare=spare,
        category=image.product.category,
        spare_category=Category.objects.at_path("Empty"),
        embedding=embedding,
        encoder=encoder,
        drawn=_drawn(encoder),
        feature_map=FeatureMap.objects.create(
            encoder=encoder, seed=1, state="done", points=b"", finished_at=timezone.now()
        ),
        report=build_similarity_report(report=begin_report(encoder=encoder)),
        calibration=_calibration(encoder),
        finding=_finding(encoder, "duplicate", image),
        misplaced=_finding(encoder, "misplaced", image),
        run=ImportRun.objects.create(
            kind="products", state=ImportRun.State.CHECKED, file_name="x.csv", created_by=boss,
            rows_total=1, checked_counts={"created": 1},
        ),
        endpoint=endpoint,
        delivery=send_test(endpoint=endpoint, by=boss),
        somebody=(somebody := UserFactory(username="somebody")),
        key=ApiKey.objects.issue(user=somebody, name="Nightly", scopes=["stock:read"])[0],
        group=users["clerk"].groups.get(),
        tables=_tables(),
    )  # fmt: skip
    for who, user in users.items():
        client = Client()
        client.force_login(user)
        world.sessions[who] = client.cookies["sessionid"].value
        for name, scopes in {
            "all": Scope.values,
            **{each: [each] for each in Scope.values},
        }.items():
            key, secret = ApiKey.objects.issue(user=user, name=name, scopes=scopes)
            # When it was last used is no part of what a call writes.
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now() + timedelta(days=1))
            world.keys[f"{who}|{name}"] = secret
    world.untouched = world.state()
    return world


@dataclass(frozen=True)
class Text:
    """A text that stands where a row of the database might."""

    pk: str


def _place(store: Store, far: Store, boss: Any, by: Any, encoder: Encoder) -> Place:
    goods = ProductFactory(
        sku=f"G-{store.code}", name=f"Goods-of-{store.code}", category_path=f"Goods/{store.code}"
    )

    def receive(where: Store) -> Any:
        return ledger.receive(
            actor=boss, store=where, lines=[(goods, 20)], reference=f"note-of-{where.code}"
        )

    receive(store)
    receive(far)
    booking = ledger.adjust(
        actor=boss, store=store, lines=[(goods, 2)], reason=f"reason-in-{store.code}"
    )

    def send(source: Store, destination: Store) -> Transfer:
        return ledger.dispatch_transfer(
            actor=boss, source=source, destination=destination, lines=[(goods, 3)]
        )

    arriving, leaving = send(far, store), send(store, far)
    stocktake = stocktaking.open_stocktake(actor=boss, store=store)
    line = stocktaking.count_product(actor=boss, stocktake=stocktake, product=goods, counted=15)
    closed = stocktaking.open_stocktake(actor=boss, store=store, category=goods.category)
    stocktaking.cancel(actor=boss, stocktake=closed)
    StockLevel.objects.filter(store=store, product=goods).update(reorder_point=50)

    def seen(source: Sighting.Source) -> Sighting:
        return Sighting.objects.create(
            encoder=encoder, store=store, source=source, user=boss,
            candidates=[{"product": goods.pk, "image": None, "distance": None}],
        )  # fmt: skip

    return Place(
        store=store,
        far=far,
        goods=goods,
        level=StockLevel.objects.get(store=store, product=goods),
        operation=booking.operation,
        movement=booking.movements[0],
        arriving=arriving,
        leaving=leaving,
        stocktake=stocktake,
        line=line,
        closed=closed,
        sighting=seen(Sighting.Source.BOOKING),
        counted=seen(Sighting.Source.STOCKTAKE),
        stock_run=ImportRun.objects.create(
            kind="stock", state=ImportRun.State.CHECKED, created_by=by, rows_total=1,
            file_name=f"stock-of-{store.code}.csv", checked_counts={"updated": 1},
        ),
        secret=Text(f"reason-in-{store.code}"),
        counting=Text(f"/stock/{store.code}/counts/{stocktake.pk}/"),
    )  # fmt: skip


def _calibration(encoder: Encoder) -> Calibration:
    """Measured and applied, and measured once more."""
    for _ in range(2):
        run = CalibrationRun.objects.create(
            encoder=encoder,
            scoring=encoder.scoring,
            kind="queries",
            state="done",
            target_error=0.05,
        )
        row = Calibration.objects.create(
            run=run, outcome="none", target_error=0.05, samples=9, known=9, unknown=0,
            simulated=9, right=5, targets=[
                figures(AtTarget(Choice(0.05), "none", None, None, None)),
                figures(AtTarget(Choice(0.1, 0.9, 0.09, 5, 0), "own", 0.5, 0.0, None)),
            ],
        )  # fmt: skip
        apply_run(run=run)
    return row


def _finding(encoder: Encoder, kind: str, image: Any) -> Finding:
    """Of the check-up: the spare product is the other one."""
    return Finding.objects.create(
        kind=kind, fingerprint=kind, encoder=encoder, product=image.product, score=0.9,
        other=Product.objects.get(sku="SPARE"), photo=image if kind == "misplaced" else None,
    )  # fmt: skip


def _drawn(encoder: Encoder) -> Sighting:
    """A public query that waits for the audit."""
    sighting = Sighting(encoder=encoder, source=Sighting.Source.SEARCH, drawn_for_audit=True)
    sighting.photo.save("photo.jpg", ContentFile(phone_photo(1)), save=False)
    sighting.save()
    return sighting


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    # That somebody called is counted, whatever it was.
    return [
        table
        for table in tables
        if table.startswith(tuple(f"{a}_" for a in WATCHED_APPS)) and table != "api_spentrate"
    ]
