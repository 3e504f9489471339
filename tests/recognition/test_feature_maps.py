"""Feature maps: built, kept, revived, and what their pages are given."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from matplotlib.figure import Figure
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.roles import ANALYST
from products.merging import merge_product
from products.models import Product, ProductImage
from recognition.background_runs import MOST_ATTEMPTS
from recognition.embedding import embed_pending
from recognition.feature_map_drawing import draw_map
from recognition.feature_map_queue import (
    FEATURE_MAP_TASK,
    request_map,
    sweep_maps,
    work_on_map,
)
from recognition.feature_map_vectors import subjects_of
from recognition.feature_map_words import adapter_line
from recognition.feature_maps import AlreadyBuilding, begin_map, build_map, newest_map
from recognition.models import Encoder, FeatureMap, ImageEmbedding
from tests.factories import (
    ProductFactory,
    StaffFactory,
    StoreFactory,
    person,
    with_photo,
    with_stock,
)
from tests.pictures import product_photo
from tests.recognition.learned import learned, noise
from tests.recognition.spaces import catalogue

pytestmark = pytest.mark.django_db


def built(encoder: Encoder, **wanted: Any) -> FeatureMap:
    found = build_map(feature_map=begin_map(encoder=encoder, **wanted))
    assert found is not None
    return found


def jobs() -> Any:
    return ProcrastinateJob.objects.filter(task_name=FEATURE_MAP_TASK)


def data_of(client: Client, feature_map: FeatureMap) -> dict[str, Any]:
    answer = client.get(reverse("admin:recognition_featuremap_data", args=[feature_map.pk]))
    assert answer.status_code == 200
    return dict(answer.json())


def unpacked(text: str, kind: str) -> list[Any]:
    return np.frombuffer(base64.b64decode(text), dtype=kind).tolist()


# --- where an adapter learned the photos ---


def test_the_nearest_photo_is_not_what_an_adapter_knows_by_heart(
    encoder: Encoder, admin_client: Client
) -> None:
    noise(encoder, products=60, photos=3)
    with learned(encoder) as adapted:
        photos = built(adapted, method="pca")
        first = photos.read_points()["first"]
        assert (first == 1).mean() < 0.1
        assert set(first.tolist()) == {0, 1}
        assert photos.quality["adapter"] == "held_out"
        page = admin_client.get(reverse("admin:recognition_featuremap_newest")).content.decode()
        assert "had not learned the photo" in page
        middles = built(adapted, method="pca", subject="products")
        assert "by heart" in adapter_line(middles)
        assert draw_map(photos, "first").startswith(b"\x89PNG")


# --- drawn ---


def test_the_legend_names_all_whatever_they_begin_with(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = catalogue(encoder, products=4, photos=2)
    Product.objects.filter(pk__in=[each.pk for each in products[:2]]).update(brand="_Own $x^{$")
    Product.objects.filter(pk__in=[each.pk for each in products[2:]]).update(brand="Acme")
    drawn = built(encoder, method="pca")
    figures: list[Figure] = []
    save = Figure.savefig

    def kept(figure: Figure, *args: Any, **kwargs: Any) -> None:
        figures.append(figure)
        save(figure, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", kept)
    draw_map(drawn, "brand")
    legend = figures[0].axes[0].get_legend()
    assert sorted(text.get_text() for text in legend.get_texts()) == ["Acme (4)", "_Own $x^{$ (4)"]


# --- building ---------------------------------------------------------------------------------


def test_photos_are_laid_out_with_progress_and_quality(encoder: Encoder) -> None:
    catalogue(encoder, products=12, photos=3)
    seen: list[tuple[str, int, int]] = []
    stored: set[str] = set()

    def look(stage: str, done: int, total: int) -> None:
        seen.append((stage, done, total))
        stored.add(FeatureMap.objects.get().stage)

    found = build_map(feature_map=begin_map(encoder=encoder, seed=4), on_progress=look)
    assert found is not None
    assert found.state == "done"
    assert {stage for stage, *_rest in seen} == {"reduce", "arrange", "first", "measure"}
    assert stored == {"reduce", "arrange", "first", "measure"}
    points = found.read_points()
    assert len(points) == 36
    assert set(points["image"].tolist()) == set(ProductImage.objects.values_list("pk", flat=True))
    assert np.isfinite(points["x"]).all()
    assert set(points["first"].tolist()) <= {0, 1}
    assert found.sample == {"photos_of": 36, "points": 36, "photos": 36}
    assert found.parameters["used"]["perplexity"] == pytest.approx(35 / 3)
    assert 0.5 < found.quality["trustworthiness"] <= 1
    assert found.quality["kl_divergence"] > 0
    assert 0 <= found.quality["same_category_plane"] <= 1
    # Anew, it is the same.
    assert built(encoder, seed=4).read_points().tobytes() == points.tobytes()


@pytest.mark.parametrize("subject", ["photos", "products"])
@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
def test_a_catalogue_of_few(encoder: Encoder, subject: str, number: int) -> None:
    if number:
        catalogue(encoder, products=number, photos=1)
    found = built(encoder, subject=subject)
    points = found.read_points()
    assert len(points) == number
    assert np.isfinite(points["x"]).all()
    if number < 4:
        assert found.parameters["used"]["method"] == "pca"


def test_identical_photos(encoder: Encoder) -> None:
    catalogue(encoder, products=5, photos=2)
    vector = ImageEmbedding.objects.first().vector  # type: ignore[union-attr]
    ImageEmbedding.objects.update(vector=vector)
    found = built(encoder)
    points = found.read_points()
    assert np.isfinite(points["x"]).all()
    # A tie is no merit: the nearest may as well be another product's.
    assert set(points["first"].tolist()) == {0}


def test_products_lie_at_the_middle_of_their_photos(encoder: Encoder) -> None:
    products = catalogue(encoder, products=6, photos=4)
    subjects, sample = subjects_of(
        encoder, "products", limit=100, seed=1, on_rows=lambda _done, _total: None
    )
    assert subjects.products.tolist() == [product.pk for product in products]
    assert np.linalg.norm(subjects.vectors, axis=1) == pytest.approx(1, abs=1e-3)
    own = ImageEmbedding.objects.filter(image__product=products[0]).values_list("vector", flat=True)
    mean = np.mean([np.asarray(vector, np.float32) for vector in own], axis=0)
    assert subjects.vectors[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-3)
    # The face stands for it.
    faces = [product.images.get(position=0).pk for product in products]
    assert subjects.images.tolist() == faces
    assert sample == {"products_of": 6, "points": 6, "photos": 24}
    assert len(built(encoder, subject="products").read_points()) == 6


def test_what_no_search_may_find_is_left_out(encoder: Encoder) -> None:
    products = catalogue(encoder, products=5, photos=1)
    Product.objects.filter(pk=products[0].pk).update(is_active=False)
    ImageEmbedding.objects.filter(image__product=products[1]).update(state="pending", vector=None)
    points = built(encoder).read_points()
    assert set(points["product"].tolist()) == {each.pk for each in products[2:]}


def test_a_large_catalogue_is_sampled_and_the_sample_stated(encoder: Encoder) -> None:
    catalogue(encoder, products=10, photos=3)
    one, same = (built(encoder, limit=12, seed=seed) for seed in (1, 1))
    other = built(encoder, limit=12, seed=2)
    assert one.sample == {"photos_of": 30, "points": 12, "photos": 12}
    assert one.read_points()["image"].tolist() == same.read_points()["image"].tolist()
    assert one.read_points()["image"].tolist() != other.read_points()["image"].tolist()
    of_products = built(encoder, subject="products", limit=4)
    assert of_products.sample == {"products_of": 10, "points": 4, "photos": 12}


@pytest.mark.parametrize(
    "wanted",
    [
        {"perplexity": 1}, {"perplexity": 1000}, {"perplexity": float("nan")}, {"limit": 0},
        {"limit": 10**9}, {"method": "umap"}, {"subject": "shops"}, {"seed": -1},
    ],
)  # fmt: skip
def test_settings_that_no_map_can_have_are_refused(encoder: Encoder, wanted: dict) -> None:
    with pytest.raises(ValidationError):
        begin_map(encoder=encoder, **wanted)
    assert not FeatureMap.objects.exists()


def test_only_one_is_built_at_a_time(encoder: Encoder) -> None:
    begin_map(encoder=encoder)
    with pytest.raises(AlreadyBuilding, match="delete"):
        begin_map(encoder=encoder)


def test_the_database_holds_that_a_finished_map_has_points(encoder: Encoder) -> None:
    feature_map = begin_map(encoder=encoder)
    for wrong in ({"state": "done"}, {"points": b""}, {"state": "failed"}, {"method": "umap"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FeatureMap.objects.filter(pk=feature_map.pk).update(**wrong)


def test_a_failure_is_kept_with_its_reason(encoder: Encoder) -> None:
    catalogue(encoder, products=3, photos=1)
    feature_map = begin_map(encoder=encoder)
    feature_map.method = "umap"
    with pytest.raises(ValueError, match="umap"):
        build_map(feature_map=feature_map)
    feature_map.refresh_from_db()
    assert feature_map.state == "failed"
    assert "umap" in feature_map.reason


# --- in the background ------------------------------------------------------------------------


def test_a_worker_builds_what_was_asked_for(encoder: Encoder) -> None:
    catalogue(encoder, products=4, photos=2)
    feature_map = request_map(encoder=encoder)
    assert jobs().get().args == {"map_id": feature_map.pk}
    work_on_map(feature_map.pk)
    feature_map.refresh_from_db()
    assert feature_map.state == "done"
    first = feature_map.finished_at
    # A second run changes nothing.
    work_on_map(feature_map.pk)
    feature_map.refresh_from_db()
    assert feature_map.finished_at == first


def test_a_map_that_was_deleted_is_no_error(encoder: Encoder) -> None:
    work_on_map(12345)
    catalogue(encoder, products=4, photos=2)
    feature_map = begin_map(encoder=encoder)

    def delete(stage: str, _done: int, _total: int) -> None:
        if stage == "reduce":
            FeatureMap.objects.all().delete()

    assert build_map(feature_map=feature_map, on_progress=delete) is None
    assert not FeatureMap.objects.exists()


def test_a_killed_command_is_taken_over_by_a_worker(encoder: Encoder) -> None:
    catalogue(encoder, products=4, photos=2)
    feature_map = begin_map(encoder=encoder)
    FeatureMap.objects.update(attempts=1, stage="arrange", done=400, total=1000)
    assert sweep_maps() == 0  # perhaps it only thinks
    FeatureMap.objects.update(touched_at=timezone.now() - timedelta(minutes=11))
    assert sweep_maps() == 1
    assert jobs().get().args == {"map_id": feature_map.pk}
    assert sweep_maps() == 0
    work_on_map(feature_map.pk)
    feature_map.refresh_from_db()
    assert (feature_map.state, feature_map.attempts) == ("done", 2)


def test_a_silent_map_with_a_job_is_left_to_it(encoder: Encoder) -> None:
    request_map(encoder=encoder)
    FeatureMap.objects.update(touched_at=timezone.now() - timedelta(hours=1))
    assert sweep_maps() == 0
    assert jobs().count() == 1


def test_one_that_kills_its_worker_is_given_up(encoder: Encoder) -> None:
    feature_map = begin_map(encoder=encoder)
    FeatureMap.objects.update(attempts=MOST_ATTEMPTS)
    work_on_map(feature_map.pk)
    feature_map.refresh_from_db()
    assert feature_map.state == "failed"
    assert "memory" in feature_map.reason
    # And another one may be asked for.
    begin_map(encoder=encoder)


# --- the command ------------------------------------------------------------------------------


def test_the_command_writes_figures_and_points(
    encoder: Encoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    products = catalogue(encoder, products=6, photos=2)
    out = tmp_path / "map.json"
    call_command("feature_map", method="tsne", seed=3, perplexity=5, json=out)
    data = json.loads(out.read_text())
    assert data["of"] == "photos"
    assert data["method"] == "tsne"
    assert data["seed"] == 3
    assert data["encoder"] == encoder.key
    assert {"kl_divergence", "trustworthiness", "same_category_plane"} <= set(data["quality"])
    assert len(data["points"]) == 12
    assert {point["product"] for point in data["points"]} == {each.pk for each in products}
    assert "Trustworthiness" in capsys.readouterr().out
    assert FeatureMap.objects.get().created_by is None


def test_the_command_says_what_is_wrong(db: None, encoder: Encoder) -> None:
    with pytest.raises(CommandError, match="perplexity"):
        call_command("feature_map", perplexity=0.5)
    begin_map(encoder=encoder)
    with pytest.raises(CommandError, match="Wait"):
        call_command("feature_map")


def test_the_command_without_an_encoder(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("feature_map")


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_the_command_of_few_products(encoder: Encoder, number: int) -> None:
    for seed in range(number):
        with_photo(seed)
    embed_pending(encoder)
    call_command("feature_map", of="products")
    assert FeatureMap.objects.get().sample["points"] == number


# --- what the page is given -------------------------------------------------------------------


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


def test_the_data_are_columns(staff: Client, encoder: Encoder) -> None:
    products = catalogue(encoder, products=5, photos=2)
    Product.objects.filter(pk=products[1].pk).update(brand="Nord")
    feature_map = built(encoder)
    data = data_of(staff, feature_map)
    assert data["products"]["id"] == sorted(each.pk for each in products)
    assert data["products"]["sku"] == [each.sku for each in products]
    assert data["brands"] == ["", "Nord"]
    assert data["categories"] == ["Shop/Shelf 0", "Shop/Shelf 1", "Shop/Shelf 2", "Shop/Shelf 3"]
    assert unpacked(data["products"]["brand"], "<i4") == [0, 1, 0, 0, 0]
    assert unpacked(data["products"]["category"], "<i4") == [0, 1, 2, 3, 0]
    points = feature_map.read_points()
    assert unpacked(data["points"]["x"], "<f4") == points["x"].tolist()
    assert unpacked(data["points"]["image"], "<i4") == points["image"].tolist()
    assert unpacked(data["points"]["product"], "<i4") == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert data["gone"] == 0


def test_the_number_of_queries_does_not_grow(
    staff: Client, encoder: Encoder, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for seed, products in ((1, 10), (2, 90)):
        catalogue(encoder, products=products, photos=1, seed=seed, categories=seed * 8)
        for subject in ("photos", "products"):
            feature_map = built(encoder, subject=subject)
            with CaptureQueriesContext(connection) as captured:
                data_of(staff, feature_map)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]


def test_products_that_are_gone_merged_or_lost_a_photo(staff: Client, encoder: Encoder) -> None:
    first, second, third, fourth = catalogue(encoder, products=4, photos=2)
    of_photos, of_products = built(encoder), built(encoder, subject="products")
    merge_product(product=first, into=second, actor=StaffFactory())
    third.delete()
    ProductImage.objects.filter(product=fourth, position=0).delete()
    photos = data_of(staff, of_photos)
    assert photos["products"]["id"] == [second.pk, fourth.pk]
    assert unpacked(photos["points"]["product"], "<i4") == [0, 0, 0, 0, 1]
    assert photos["gone"] == 3
    middles = data_of(staff, of_products)
    assert middles["products"]["id"] == [second.pk, fourth.pk]
    assert unpacked(middles["points"]["product"], "<i4") == [0, 0, 1]
    assert middles["gone"] == 1
    url = reverse("admin:recognition_featuremap_png", args=[of_photos.pk])
    assert staff.get(url)["Content-Type"] == "image/png"


@pytest.mark.parametrize("by", ["top", "category", "brand", "first", "nonsense"])
def test_it_is_drawn_for_print(staff: Client, encoder: Encoder, by: str) -> None:
    # Names that the drawing library would take for formulas.
    products = catalogue(encoder, products=30, photos=1, categories=25)
    Product.objects.filter(pk=products[0].pk).update(brand="$x^$ & _y_")
    url = reverse("admin:recognition_featuremap_png", args=[built(encoder).pk])
    answer = staff.get(url, {"by": by})
    assert answer.status_code == 200
    assert answer.content.startswith(b"\x89PNG")


def test_an_empty_map_has_a_page_data_and_a_drawing(staff: Client, encoder: Encoder) -> None:
    feature_map = built(encoder)
    assert data_of(staff, feature_map)["products"]["id"] == []
    for name in ("png", "change"):
        url = reverse(f"admin:recognition_featuremap_{name}", args=[feature_map.pk])
        assert staff.get(url).status_code == 200


def test_stock_of_all_stores_of_one_and_of_one_that_is_not_there(
    staff: Client, encoder: Encoder
) -> None:
    one, two, _none = catalogue(encoder, products=3, photos=1)
    north, south = StoreFactory(code="N"), StoreFactory(code="S")
    with_stock(north, one, 3)
    with_stock(south, two, 1)
    url = reverse("admin:recognition_featuremap_stock", args=[built(encoder).pk])
    assert staff.get(url).json() == {"products": [one.pk, two.pk]}
    assert staff.get(url, {"store": "S"}).json() == {"products": [two.pk]}
    assert staff.get(url, {"store": "X"}).status_code == 404


def test_the_page_offers_what_the_reader_may_do(client: Client, encoder: Encoder) -> None:
    catalogue(encoder, products=3, photos=1)
    feature_map = built(encoder)
    client.force_login(person(ANALYST))
    page = client.get(reverse("admin:recognition_featuremap_newest"))
    assert page.status_code == 200
    assert 'data-testid="map"' in page.content.decode()
    assert 'data-testid="build"' not in page.content.decode()
    own = client.get(reverse("admin:recognition_featuremap_change", args=[feature_map.pk]))
    assert reverse("admin:recognition_featuremap_delete", args=[feature_map.pk]) not in (
        own.content.decode()
    )


def test_the_page_before_there_is_a_map(staff: Client, encoder: Encoder) -> None:
    page = staff.get(reverse("admin:recognition_featuremap_newest")).content.decode()
    assert 'data-testid="no-map"' in page
    assert 'data-testid="build"' in page


def test_the_page_without_an_encoder(staff: Client) -> None:
    page = staff.get(reverse("admin:recognition_featuremap_newest"))
    assert "No encoder is active" in page.content.decode()


def test_a_build_is_asked_for_shown_and_refused(staff: Client, encoder: Encoder) -> None:
    url = reverse("admin:recognition_featuremap_build")
    form = {"subject": "products", "method": "tsne", "perplexity": 20, "limit": 100, "seed": 5}
    wrong = staff.post(url, {**form, "perplexity": 1}, follow=True)
    assert "Perplexity" in wrong.content.decode()
    assert not FeatureMap.objects.exists()
    page = staff.post(url, form, follow=True).content.decode()
    feature_map = FeatureMap.objects.get()
    assert feature_map.created_by is not None
    assert (feature_map.subject, feature_map.parameters["perplexity"]) == ("products", 20.0)
    assert 'data-testid="status"' in page
    assert staff.post(url, form).status_code == 302
    assert FeatureMap.objects.count() == 1
    FeatureMap.objects.update(stage="arrange", done=412, total=1000)
    status = staff.get(reverse("admin:recognition_featuremap_status"))
    assert 'value="41"' in status.content.decode()
    work_on_map(feature_map.pk)
    done = staff.get(reverse("admin:recognition_featuremap_status"))
    assert done["HX-Refresh"] == "true"


def test_the_reason_of_a_failure_is_shown(staff: Client, encoder: Encoder) -> None:
    FeatureMap.objects.create(encoder=encoder, seed=1, state="failed", reason="no memory left")
    page = staff.get(reverse("admin:recognition_featuremap_newest")).content.decode()
    assert "no memory left" in page


# --- a photo on the map -----------------------------------------------------------------------


def photo_file(seed: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", product_photo(seed), "image/jpeg")


@pytest.mark.parametrize("subject", ["photos", "products"])
def test_a_photo_of_the_catalogue_lies_where_it_is(
    staff: Client, encoder: Encoder, subject: str
) -> None:
    images = [with_photo(seed) for seed in range(8)]
    embed_pending(encoder)
    feature_map = built(encoder, subject=subject)
    url = reverse("admin:recognition_featuremap_place", args=[feature_map.pk])
    answer = staff.post(url, {"photo": photo_file(3)})
    assert answer.status_code == 200
    found = answer.json()
    assert found["nearest"][0]["image"] == images[3].pk
    assert found["nearest"][0]["distance"] < 0.01
    assert len(found["nearest"]) == 8
    points = feature_map.read_points()
    at = points[points["image"] == images[3].pk][0]
    size = float(np.ptp(points["x"]) + np.ptp(points["y"]))
    assert abs(found["x"] - at["x"]) + abs(found["y"] - at["y"]) < 0.05 * size


def test_what_cannot_be_placed_says_why(staff: Client, encoder: Encoder) -> None:
    empty = built(encoder)
    url = reverse("admin:recognition_featuremap_place", args=[empty.pk])
    assert staff.post(url).status_code == 400
    not_one = SimpleUploadedFile("photo.jpg", b"not a photo", "image/jpeg")
    assert staff.post(url, {"photo": not_one}).status_code == 400
    answer = staff.post(url, {"photo": photo_file(1)})
    assert answer.status_code == 409
    assert "compared" in answer.json()["error"]
    assert staff.get(url).status_code == 405


def test_a_map_of_a_retired_encoder_stays_to_be_looked_at(staff: Client, encoder: Encoder) -> None:
    with_photo(1)
    embed_pending(encoder)
    feature_map = built(encoder)
    Encoder.objects.update(state="retired")
    page = staff.get(reverse("admin:recognition_featuremap_change", args=[feature_map.pk]))
    assert 'data-testid="retired"' in page.content.decode()
    assert len(data_of(staff, feature_map)["products"]["id"]) == 1
    url = reverse("admin:recognition_featuremap_place", args=[feature_map.pk])
    answer = staff.post(url, {"photo": photo_file(1)})
    assert answer.status_code == 409
    assert "retired" in answer.json()["error"]
    assert newest_map(Encoder.objects.active()) == feature_map


# --- the list ---------------------------------------------------------------------------------


def test_old_maps_are_listed_and_deleted(staff: Client, encoder: Encoder) -> None:
    ProductFactory()
    catalogue(encoder, products=4, photos=2)
    one, two = built(encoder), built(encoder, subject="products", perplexity=7)
    listing = reverse("admin:recognition_featuremap_changelist")
    page = staff.get(listing).content.decode()
    assert f"#{one.pk}" in page
    assert f"#{two.pk}" in page
    chosen = {"action": "delete_selected", "_selected_action": [one.pk], "post": "yes"}
    staff.post(listing, chosen)
    assert list(FeatureMap.objects.all()) == [two]


def test_a_map_that_is_not_finished_has_no_data(staff: Client, encoder: Encoder) -> None:
    feature_map = begin_map(encoder=encoder)
    for name in ("data", "stock", "png"):
        url = reverse(f"admin:recognition_featuremap_{name}", args=[feature_map.pk])
        assert staff.get(url).status_code == 404
    page = staff.get(reverse("admin:recognition_featuremap_change", args=[feature_map.pk]))
    assert 'data-testid="status"' in page.content.decode()
