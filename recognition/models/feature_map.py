"""Maps of the feature space: where photos or products lie on a plane."""

from typing import Any

import numpy as np
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from recognition.models.background_run import BackgroundRun
from recognition.models.encoder import Encoder

# A point as it is stored: 26 bytes, so that 20,000 of them are one value of half a megabyte, which
# loads in a few milliseconds. `image` is the face where points are products.
POINT = np.dtype(
    [("image", "<i8"), ("product", "<i8"), ("x", "<f4"), ("y", "<f4"), ("first", "i1")]
)


class FeatureMap(BackgroundRun):
    """A map as it was built; it stays, whatever becomes of the photos and of the encoder."""

    class Subject(models.TextChoices):
        PHOTOS = "photos", _("photos")
        PRODUCTS = "products", _("products")

    class Method(models.TextChoices):
        TSNE = "tsne", _("t-SNE")
        PCA = "pca", _("principal components")

    encoder = models.ForeignKey(
        Encoder, on_delete=models.PROTECT, related_name="feature_maps", verbose_name=_("encoder")
    )
    subject = models.CharField(
        _("of"), max_length=8, choices=Subject.choices, default=Subject.PHOTOS
    )
    method = models.CharField(
        _("method"), max_length=4, choices=Method.choices, default=Method.TSNE
    )
    seed = models.PositiveIntegerField(
        _("seed"), help_text=_("The same photos, settings and seed give the same map.")
    )
    # As asked for: {"perplexity": 30.0, "limit": 20000}; and as it was done, when it is done: "used"
    # with method, components, perplexity and iterations.
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    stage = models.CharField(_("stage"), max_length=8, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # How many there were, and how many are on the map: {"photos_of": 5, "points": 5, …}
    sample = models.JSONField(_("sample"), default=dict, blank=True)
    # See recognition.projection.quality; and `kl_divergence`, `seconds`.
    quality = models.JSONField(_("quality"), default=dict, blank=True)
    # Rows of POINT.
    points = models.BinaryField(_("points"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("feature map")
        verbose_name_plural = _("feature maps")
        ordering = ["-id"]
        default_permissions = ("view", "delete")
        permissions = [("build_featuremap", gettext_noop("Can build feature maps"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "failed"]),
                name="feature_map_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(subject__in=["photos", "products"], method__in=["tsne", "pca"]),
                name="feature_map_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""),
                name="feature_map_failed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False, points__isnull=False)
                | (~Q(state="done") & Q(points__isnull=True)),
                name="feature_map_has_points_when_done",
            ),
            # Two at once would only take each other's cores.
            models.UniqueConstraint(
                fields=["encoder"],
                condition=Q(state="running"),
                name="feature_map_one_running_per_encoder",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}: {self.get_subject_display()}, {self.get_method_display()}"

    def read_points(self) -> NDArray[Any]:
        """Rows of POINT; none unless it is done."""
        return np.frombuffer(bytes(self.points or b""), dtype=POINT)
