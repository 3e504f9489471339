"""Vectors on a plane: what t-SNE is given, what it tells, and sets that are too small for it."""

import functools

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from recognition.projection import Settings, fitted_perplexity, lay_out
from recognition.projection import layout as module


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def groups(number: int, each: int, dimension: int = 64, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(number, dimension)) * 4
    return unit(middles.repeat(each, axis=0) + rng.normal(size=(number * each, dimension)))


def test_groups_that_lie_apart_lie_apart_on_the_plane() -> None:
    found = lay_out(groups(3, 20), Settings(seed=1))
    middles = found.positions.reshape(3, 20, 2).mean(axis=1)
    spread = np.linalg.norm(found.positions.reshape(3, 20, 2) - middles[:, None], axis=2).max()
    apart = min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert apart > spread
    assert found.method == "tsne"
    assert found.kl_divergence is not None
    assert found.kl_divergence > 0
    assert found.components == 50
    assert np.abs(found.positions.mean(axis=0)).max() < 1e-3


def test_it_is_the_same_as_scikit_learn_without_a_word_of_progress() -> None:
    vectors = groups(3, 15)
    told: list[tuple[str, int, int]] = []
    found = lay_out(vectors, Settings(seed=2), on_progress=lambda *step: told.append(step))
    reduced = PCA(44, random_state=2).fit_transform(vectors).astype(np.float32)
    plain = TSNE(
        perplexity=fitted_perplexity(30, 45),
        init=module._start(reduced, 2),
        random_state=2,
    )
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="openmp"):
        positions = plain.fit_transform(reduced)
    assert np.array_equal(found.positions, positions - positions.mean(axis=0))
    assert found.kl_divergence == pytest.approx(plain.kl_divergence_)
    assert found.iterations == plain.n_iter_ + 1
    # Each iteration was told, in order.
    steps = [done for stage, done, _total in told if stage == "arrange"]
    assert steps == sorted(steps)
    assert len(set(steps)) > 500
    assert told[-1] == ("arrange", 1000, 1000)


def test_a_version_without_that_inner_loop_has_the_same_plane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sklearn.manifold import _t_sne

    vectors, told = groups(2, 8), []
    known = lay_out(vectors).positions
    # Not a function any more: nothing that can be told.
    loop = _t_sne.TSNE._tsne
    monkeypatch.setattr(_t_sne.TSNE, "_tsne", functools.partialmethod(loop))
    found = lay_out(vectors, on_progress=lambda *step: told.append(step)).positions
    assert np.array_equal(found, known)
    assert [step for step in told if step[0] == "arrange"] == [
        ("arrange", 0, 1000), ("arrange", 1000, 1000),
    ]  # fmt: skip


def test_the_seed_decides() -> None:
    vectors = groups(3, 10)
    one, same, other = (lay_out(vectors, Settings(seed=seed)).positions for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_up_to_three_points_lie_as_they_are(number: int) -> None:
    vectors = groups(3, 1)[:number]
    found = lay_out(vectors.reshape(number, 64))
    assert found.positions.shape == (number, 2)
    assert found.method == "pca"
    assert found.kl_divergence is None
    for a in range(number):
        for b in range(number):
            assert np.linalg.norm(found.positions[a] - found.positions[b]) == pytest.approx(
                np.linalg.norm(vectors[a] - vectors[b]), abs=1e-5
            )


@pytest.mark.parametrize("number", [1, 2, 3, 4, 7, 60])
def test_identical_photos_are_no_error(number: int) -> None:
    found = lay_out(np.repeat(groups(1, 1), number, axis=0))
    assert found.positions.shape == (number, 2)
    assert np.isfinite(found.positions).all()


def test_some_identical_photos_among_others() -> None:
    vectors = groups(4, 5)
    vectors[:10] = vectors[0]
    found = lay_out(vectors)
    assert np.isfinite(found.positions).all()


@pytest.mark.parametrize(
    ("points", "wanted", "fitted"),
    [(4, 30, 1.0), (10, 30, 3.0), (91, 30, 30.0), (5000, 30, 30.0), (5000, 5, 5.0), (2, 30, 1.0)],
)
def test_the_perplexity_fits_small_sets(points: int, wanted: float, fitted: float) -> None:
    assert fitted_perplexity(wanted, points) == fitted


def test_principal_components_alone() -> None:
    vectors = groups(3, 10)
    found = lay_out(vectors, Settings(method="pca"))
    known = PCA(2, random_state=0).fit_transform(vectors)
    assert np.abs(np.abs(found.positions) - np.abs(known)).max() < 1e-4
    assert found.method == "pca"


def test_what_is_no_set_of_vectors_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        lay_out(np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="finite"):
        lay_out(np.ones(3))
    with pytest.raises(ValueError, match="umap"):
        lay_out(np.ones((2, 3)), Settings(method="umap"))
