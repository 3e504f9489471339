"""Where each vector goes on the plane: t-SNE of the first principal components, or those alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

METHODS = ("tsne", "pca")
# As van der Maaten & Hinton (2008) do it: it takes noise away, and neighbours in 50 dimensions are
# found many times faster than in 1280.
COMPONENTS = 50
PERPLEXITY = 30.0
# Up to three points lie on a plane as they are: nothing is lost, and t-SNE has nothing to do.
_EXACT = 3
_ITERATIONS = 1000
# scikit-learn's own: small, so that early exaggeration can sort the clusters.
_START_SIDE = 1e-4

_Floats = NDArray[np.float32]
# Takes the stage, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to lay out. The perplexity is taken as far as the number of points allows."""

    method: str = "tsne"
    perplexity: float = PERPLEXITY
    seed: int = 0
    components: int = COMPONENTS


@dataclass(frozen=True, slots=True)
class Layout:
    """`positions`: float32 (n, 2), centred. What is None does not apply to the method that was
    really used (`pca` for three points or less).
    """

    positions: _Floats
    method: str
    components: int
    perplexity: float | None = None
    iterations: int | None = None
    kl_divergence: float | None = None


def fitted_perplexity(wanted: float, points: int) -> float:
    """At most a third of the other points: beyond, t-SNE takes all for neighbours of all."""
    return max(1.0, min(wanted, (points - 1) / 3))


def lay_out(
    vectors: ArrayLike,
    settings: Settings | None = None,
    *,
    on_progress: Progress = lambda _stage, _done, _total: None,
) -> Layout:
    """Lays out unit vectors (n, dimension). The same vectors and settings on the same machine give
    the same plane, on however many cores.

    Raises:
        ValueError: an unknown method, or vectors that are no finite matrix.
    """
    settings = settings or Settings()
    matrix = np.asarray(vectors, dtype=np.float32)
    if settings.method not in METHODS:
        raise ValueError(f"The method is one of {', '.join(METHODS)}, not {settings.method!r}.")
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise ValueError("Vectors are rows of finite numbers.")
    on_progress("reduce", 0, 1)
    reduced = _principal(matrix, settings)
    on_progress("reduce", 1, 1)
    if settings.method == "pca" or len(matrix) <= _EXACT:
        return Layout(_plane(reduced), "pca", min(2, reduced.shape[1]))
    return _tsne(reduced, settings, on_progress)


def _principal(matrix: _Floats, settings: Settings) -> _Floats:
    """The first principal components, by falling variance."""
    from sklearn.decomposition import PCA  # noqa: PLC0415  # takes a second to load

    number = min(settings.components, matrix.shape[1], max(len(matrix) - 1, 0))
    if not number or (matrix == matrix[0]).all():
        return np.zeros((len(matrix), max(number, 1)), dtype=np.float32)
    pca = PCA(number, random_state=settings.seed)
    return np.asarray(pca.fit_transform(matrix), dtype=np.float32)


def _plane(reduced: _Floats) -> _Floats:
    plane = np.zeros((len(reduced), 2), dtype=np.float32)
    plane[:, : reduced.shape[1]] = reduced[:, :2]
    return plane


def _tsne(reduced: _Floats, settings: Settings, on_progress: Progress) -> Layout:
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    perplexity = fitted_perplexity(settings.perplexity, len(reduced))
    tsne = _told_tsne(on_progress)(
        n_components=2,
        method="barnes_hut",
        perplexity=perplexity,
        init=_start(reduced, settings.seed),
        learning_rate="auto",
        max_iter=_ITERATIONS,
        random_state=settings.seed,
    )
    on_progress("arrange", 0, _ITERATIONS)
    # One thread: the same map on any number of cores, since the order of the sums shows; and where
    # other work wants the cores, threads that wait for each other were three times slower than one.
    with threadpool_limits(1, user_api="openmp"):
        positions = np.asarray(tsne.fit_transform(reduced), dtype=np.float32)
    on_progress("arrange", _ITERATIONS, _ITERATIONS)
    return Layout(
        positions - positions.mean(axis=0),
        "tsne",
        reduced.shape[1],
        perplexity,
        int(tsne.n_iter_) + 1,
        float(tsne.kl_divergence_),
    )


def _start(reduced: _Floats, seed: int) -> _Floats:
    """scikit-learn's start by principal components divides by their spread, which is 0 where all
    photos are the same; and photos that start on one spot would never part.
    """
    plane = _plane(reduced)
    noise = np.random.default_rng(seed).standard_normal(plane.shape).astype(np.float32)
    spread = float(plane[:, 0].std())
    if spread == 0:
        return noise * np.float32(_START_SIDE)
    return (plane / spread + noise * np.float32(0.01)) * np.float32(_START_SIDE)


def _told_tsne(on_progress: Progress) -> Any:
    """scikit-learn's TSNE, which tells how far it has come.

    It has no callback. Running it in pieces, each from where the last one ended, would begin each
    piece with early exaggeration and without momentum, and find the neighbours anew; what it prints
    can only be caught for the whole process. So its own loop runs with a descent whose objective
    counts its calls: the same code, hence the same numbers. Should a later version of scikit-learn
    have no such loop, the plane is the same and only the bar stands still.
    """
    from types import FunctionType  # noqa: PLC0415

    from sklearn.manifold import TSNE, _t_sne  # noqa: PLC0415

    loop = getattr(TSNE, "_tsne", None)
    descend = getattr(_t_sne, "_gradient_descent", None)
    if not isinstance(loop, FunctionType) or descend is None:
        return TSNE
    calls = 0

    def told_descent(objective: Any, *args: Any, **kwargs: Any) -> Any:
        def told(*inner: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            on_progress("arrange", min(calls, _ITERATIONS), _ITERATIONS)
            return objective(*inner, **more)

        return descend(told, *args, **kwargs)

    names = {**loop.__globals__, "_gradient_descent": told_descent}
    copy = FunctionType(loop.__code__, names, "_tsne", loop.__defaults__, loop.__closure__)
    copy.__kwdefaults__ = loop.__kwdefaults__
    return type("TSNE", (TSNE,), {"_tsne": copy})
