"""What similarity is worth: distances, how they tell products apart, and how photos find them.

Nothing here knows Django or a database.
"""

from recognition.metrics.distances import METRICS, Metric, between, paired
from recognition.metrics.figures import NO_PRODUCT, Limits, Photos, similarity_figures

__all__ = [
    "METRICS",
    "NO_PRODUCT",
    "Limits",
    "Metric",
    "Photos",
    "between",
    "paired",
    "similarity_figures",
]
