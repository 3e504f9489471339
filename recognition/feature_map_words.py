"""A feature map in words: what it is of, and what its quality figures say."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recognition.held_out_spaces import HELD_OUT
from recognition.models import FeatureMap

STAGES = {
    "read": gettext_lazy("Reading vectors"),
    "reduce": gettext_lazy("Taking the principal components"),
    "arrange": gettext_lazy("Laying the points out"),
    "first": gettext_lazy("Asking with each photo"),
    "measure": gettext_lazy("Measuring the quality"),
}


def summary(feature_map: FeatureMap) -> str:
    """`729 photos, t-SNE, perplexity 30, seed 1`."""
    used = feature_map.parameters.get("used", {})
    number = feature_map.sample.get("points", 0)
    if feature_map.subject == FeatureMap.Subject.PHOTOS:
        what = ngettext("%(n)s photo", "%(n)s photos", number)
    else:
        what = ngettext("%(n)s product", "%(n)s products", number)
    parts = [what % {"n": number_format(number)}]
    of = feature_map.sample.get(f"{feature_map.subject}_of", number)
    if of > number:
        drawn = {"what": parts[0], "all": number_format(of)}
        parts[0] = _("%(what)s of %(all)s, drawn by lot") % drawn
    method = FeatureMap.Method(used.get("method", feature_map.method))
    parts.append(str(method.label))
    if used.get("perplexity") is not None:
        parts.append(_("perplexity %(value)s") % {"value": plain_number(used["perplexity"])})
    parts.append(_("seed %(seed)s") % {"seed": feature_map.seed})
    return ", ".join(parts)


def quality_rows(feature_map: FeatureMap) -> list[dict[str, Any]]:
    """What was measured, each with what it means."""
    quality = feature_map.quality
    rows = []
    if quality.get("trustworthiness") is not None:
        rows.append({
            "name": _("Trustworthiness"),
            "value": _decimal(quality["trustworthiness"]),
            "meaning": _("1: whoever is among the %(k)d nearest on the map is near in all dimensions too.")
            % {"k": quality["trust_neighbours"]},
        })  # fmt: skip
    if quality.get("kl_divergence") is not None:
        rows.append({
            "name": _("KL divergence"),
            "value": _decimal(quality["kl_divergence"]),
            "meaning": _("What t-SNE makes small; only maps of the same points and perplexity can be compared."),
        })  # fmt: skip
    if quality.get("same_category_plane") is not None:
        rows.append({
            "name": _("Neighbours of the same category"),
            "value": _("%(plane)s on the map, %(full)s in all dimensions")
            % {
                "plane": _share(quality["same_category_plane"]),
                "full": _share(quality["same_category_full"]),
            },
            "meaning": _("Among the %(k)d nearest. Where the two are close, groups on the map are real.")
            % {"k": quality["category_neighbours"]},
        })  # fmt: skip
    judged, points = quality.get("judged", 0), quality.get("points", 0)
    if judged < points:
        for row in rows:
            if row["name"] != _("KL divergence"):
                row["meaning"] += " " + _("Measured on %(judged)s points, drawn by lot.") % {
                    "judged": number_format(judged)
                }
    return rows


def quality_line(feature_map: FeatureMap) -> str:
    return "; ".join(f"{row['name']}: {row['value']}" for row in quality_rows(feature_map))


def adapter_line(feature_map: FeatureMap) -> str:
    """What to know of a map by an encoder that was learned from the photos on it; else empty."""
    if feature_map.encoder.base_id is None:
        return ""
    drawn = _(
        "This encoder was learned from these photos and knows them by heart: photos of one product lie"
        " closer together here than new ones would."
    )
    if feature_map.subject != FeatureMap.Subject.PHOTOS:
        return drawn
    if feature_map.quality.get("adapter") == HELD_OUT:
        first = _(
            "The verdict of the nearest photo was found by adapters that had not learned the photo."
        )
    else:
        first = _("The verdict of the nearest photo, too, says too much.")
    return f"{drawn} {first}"


def plain_number(value: float) -> str:
    """30, and 26.7."""
    return str(number_format(value, 0 if float(value).is_integer() else 1))


def stage_text(feature_map: FeatureMap) -> str:
    return str(STAGES.get(feature_map.stage, _("Waiting for a worker …")))


def _decimal(value: float, places: int = 3) -> str:
    return str(number_format(value, places))


def _share(value: float) -> str:
    return f"{number_format(100 * value, 1)} %"
