"""The figures of a report: whole for a whole catalogue, and sensible for an odd one."""

import json
from typing import Any

import numpy as np
import pytest

from recognition.metrics import METRICS, NO_PRODUCT, Limits, Photos, similarity_figures


def some(products: int = 10, photos: int = 4, spread: float = 0.6, scale: float = 1.0) -> Photos:
    rng = np.random.default_rng(3)
    middle = rng.normal(size=(products, 8)).repeat(photos, axis=0)
    vectors = middle + spread * rng.normal(size=middle.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Photos.of(vectors * scale, np.arange(products).repeat(photos))


def metrics(figures: dict[str, Any], evidence: str = "catalogue") -> dict[str, Any]:
    json.dumps(figures, allow_nan=False)  # it can be stored
    found = figures[evidence]["metrics"]
    assert list(found) == list(METRICS)
    return dict(found)


def test_a_whole_catalogue() -> None:
    figures = similarity_figures(some())
    found = metrics(figures)
    section = figures["catalogue"]
    assert (figures["photos"], figures["products"], figures["products_with_one_photo"]) == (
        40,
        10,
        0,
    )
    assert (section["same_pairs"], section["same_pairs_of"]) == (60, 60)
    assert (section["different_pairs"], section["different_pairs_of"]) == (720, 720)
    assert (section["queries"], section["queries_of"]) == (40, 40)
    assert found["cosine"]["auroc"] > 0.9
    assert found["cosine"]["recall_at_1"] <= found["cosine"]["recall_at_5"] <= 1
    assert sum(found["dot"]["distribution"]["same"]) == pytest.approx(1, abs=1e-4)
    answers = section["answers"]
    assert (answers["queries"], answers["right"]) == (
        40,
        round(40 * found["cosine"]["recall_at_1"]),
    )
    assert answers["margin"]["coverage"][-1] == 1
    assert figures["asked"] is None


def test_of_unit_length_all_but_manhattan_say_the_same() -> None:
    figures = similarity_figures(some())
    found = metrics(figures)
    assert figures["lengths"] == {"least": pytest.approx(1), "most": pytest.approx(1)}
    for metric in ("euclidean", "euclidean_unit", "dot"):
        assert found[metric]["order_as_cosine"] == pytest.approx(1, abs=1e-6)
        for name in ("auroc", "eer", "best_f1", "recall_at_1", "map"):
            assert found[metric][name] == pytest.approx(found["cosine"][name], abs=1e-3), name
    assert found["manhattan"]["order_as_cosine"] < 0.999


def test_raw_vectors_of_other_lengths_do_not() -> None:
    photos = some()
    rng = np.random.default_rng(8)
    raw = Photos.of(photos.vectors * rng.uniform(0.2, 5, size=(40, 1)), photos.products)
    unit, found = metrics(similarity_figures(photos)), metrics(similarity_figures(raw))
    assert found["cosine"]["auroc"] == pytest.approx(unit["cosine"]["auroc"], abs=1e-4)
    assert found["euclidean_unit"]["map"] == pytest.approx(unit["euclidean_unit"]["map"], abs=1e-4)
    assert found["euclidean"]["auroc"] < found["cosine"]["auroc"]
    assert found["dot"]["order_as_cosine"] < 0.99


def test_the_same_seed_the_same_figures_and_a_sample_is_stated() -> None:
    limits = Limits(pairs=50, queries=7)
    one = similarity_figures(some(), limits=limits, seed=5)
    assert one == similarity_figures(some(), limits=limits, seed=5)
    assert one != similarity_figures(some(), limits=limits, seed=6)
    section = one["catalogue"]
    assert (section["different_pairs"], section["different_pairs_of"]) == (50, 720)
    assert (section["queries"], section["queries_of"]) == (7, 40)


def test_photos_that_were_asked_with() -> None:
    catalogue = some()
    rng = np.random.default_rng(9)
    shown = np.array([0, 4, 8, 12, 16, 20])
    vectors = catalogue.vectors[shown] + 0.02 * rng.normal(size=(6, 8))
    products = catalogue.products[shown].copy()
    products[5] = NO_PRODUCT
    figures = similarity_figures(catalogue, Photos.of(vectors, products))
    found = metrics(figures, "asked")
    section = figures["asked"]
    assert (section["queries"], section["known_queries"]) == (6, 5)
    assert (section["same_pairs"], section["different_pairs"]) == (5 * 4, 6 * 40 - 20)
    assert found["cosine"]["recall_at_1"] == 1
    assert 0 <= section["answers"]["known_auroc"] <= 1
    assert figures["catalogue"] == similarity_figures(catalogue)["catalogue"]


def test_no_photos() -> None:
    figures = similarity_figures(Photos.of([], []))
    found = metrics(figures)
    assert (figures["photos"], figures["lengths"]) == (0, None)
    assert {found["cosine"][name] for name in ("auroc", "eer", "best_f1", "map", "roc")} == {None}
    assert figures["catalogue"]["answers"] is None


def test_one_photo() -> None:
    figures = similarity_figures(Photos.of([[1.0, 0.0]], [4]))
    assert figures["products_with_one_photo"] == 1
    assert metrics(figures)["cosine"]["distribution"] is None


def test_one_product() -> None:
    """There is nothing to mistake it for, so finding it proves nothing."""
    figures = similarity_figures(some(products=1))
    found = metrics(figures)["cosine"]
    assert (found["auroc"], found["recall_at_1"], found["map"]) == (None, None, None)
    assert found["distribution"]["different"] is None
    assert figures["catalogue"]["answers"] is None


def test_one_photo_each() -> None:
    figures = similarity_figures(some(products=9, photos=1))
    found = metrics(figures)["cosine"]
    assert (found["auroc"], found["recall_at_1"], found["map"]) == (None, None, None)
    assert found["distribution"]["same"] is None
    assert (figures["catalogue"]["queries"], figures["products_with_one_photo"]) == (0, 9)


def test_identical_photos() -> None:
    photos = Photos.of(np.full((8, 4), 0.5), np.arange(4).repeat(2))
    found = metrics(similarity_figures(photos))
    for metric in METRICS:
        assert (found[metric]["auroc"], found[metric]["recall_at_1"]) == (0.5, 0)
        assert found[metric]["order_as_cosine"] is None


def test_a_vector_that_holds_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        Photos.of([[np.nan, 1.0]], [1])
    with pytest.raises(ValueError, match="one product"):
        Photos.of([[0.0, 1.0]], [1, 2])


def test_progress_goes_up_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    similarity_figures(some(), some(), on_progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _total in seen] == list(range(seen[-1][1] + 1))
