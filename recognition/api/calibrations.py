"""Calibrations over HTTP: what was measured, and what is in force."""

from typing import Any

from django.db.models import BooleanField, Case, Value, When
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.ordering import ordered, orders
from api.paging import NewestFirst
from api.sparse import SparseOutput
from api.views import asked
from recognition.api.frame import RowsView, shows
from recognition.calibration_report import warning_codes, warning_text
from recognition.calibrations import in_force_ids, stale_runs
from recognition.models import Calibration, CalibrationRun
from recognition.models.encoder import Scoring

MeasuredOn = CalibrationRun.Kind
CalibrationOutcome = Calibration.Outcome


class CalibrationQuery(serializers.Serializer):
    encoder = serializers.CharField(
        required=False, max_length=200, help_text="Only of this encoder, by its key."
    )
    scope = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Only of this category, by its path; empty: of the whole catalogue.",
    )
    measured_on = serializers.ChoiceField(
        choices=MeasuredOn.choices, required=False, help_text="Only on photos of this kind."
    )
    in_force = serializers.BooleanField(
        required=False,
        default=None,
        help_text="true: only those by which answers are judged now; false: only the others.",
    )


class CalibrationOutput(SparseOutput):
    """A threshold of the whole catalogue or of a category, or why there is none."""

    id = serializers.IntegerField()
    run = serializers.IntegerField(
        source="run_id", help_text="What was measured together has one number."
    )
    encoder = serializers.CharField(source="run.encoder.key")
    scoring = serializers.ChoiceField(
        source="run.scoring",
        choices=Scoring.choices,
        help_text="How products were ranked; it holds for this way alone.",
    )
    measured_on = serializers.ChoiceField(
        source="run.kind",
        choices=MeasuredOn.choices,
        help_text="Of which photos the evidence is: the catalogue's own, or asked with.",
    )
    scope = serializers.CharField(help_text="A category's path; empty: the whole catalogue.")
    outcome = serializers.ChoiceField(
        choices=CalibrationOutcome.choices,
        help_text="own: it has a threshold. above: that of the category above serves. withheld: nothing"
        " here is called a match. none: the evidence allows no threshold.",
    )
    threshold = serializers.FloatField(
        allow_null=True, help_text="A match has a confidence above it, 0..1."
    )
    target_error = serializers.FloatField(help_text="At most such a share of matches is wrong.")
    error_bound = serializers.FloatField(
        allow_null=True, help_text="What the evidence shows, with 95 % confidence."
    )
    samples = serializers.IntegerField(help_text="Photos of evidence.")
    accepted = serializers.IntegerField(help_text="How many of them are called a match.")
    wrong = serializers.IntegerField(help_text="How many of these wrongly.")
    needed = serializers.IntegerField(
        allow_null=True, help_text="How many photos would be needed, where they are too few."
    )
    coverage = serializers.FloatField(
        allow_null=True, help_text="Share of photos of known products called a match."
    )
    unknown_share = serializers.FloatField(
        source="run.unknown_share",
        allow_null=True,
        help_text="Share of photos of unknown products for which the promise is made.",
    )
    unknown_share_observed = serializers.BooleanField(
        source="run.unknown_share_observed", help_text="False: it was assumed."
    )
    set_rate = serializers.FloatField(
        allow_null=True, help_text="How often the look-alikes hold the right product."
    )
    in_force = serializers.BooleanField(help_text="Whether answers are judged by it now.")
    stale = serializers.BooleanField(
        allow_null=True,
        help_text="The catalogue has changed much since; null: it is not in force.",
    )
    calibrated_at = serializers.DateTimeField(source="run.created_at")


class CalibrationDetailOutput(CalibrationOutput):
    known = serializers.IntegerField(help_text="Photos of known products.")
    unknown = serializers.IntegerField(help_text="Photos of products that are not here.")
    simulated = serializers.IntegerField(
        help_text="Photos of known products, taken as if their product were not here."
    )
    right = serializers.IntegerField(help_text="How often the first product was right.")
    false_accepts = serializers.FloatField(
        allow_null=True, help_text="Share of the unknown that are called a match."
    )
    set_gap = serializers.FloatField(
        allow_null=True, help_text="How far behind the best a look-alike may be."
    )
    set_samples = serializers.IntegerField(allow_null=True)
    set_median = serializers.FloatField(allow_null=True, help_text="Median number of look-alikes.")
    set_large = serializers.FloatField(
        allow_null=True, help_text="Nine of ten sets have at most so many."
    )
    targets = serializers.ListField(
        child=serializers.DictField(), help_text="The same figures at other targets."
    )
    curve = serializers.ListField(
        child=serializers.JSONField(), help_text="Error against coverage, from strict to lax."
    )
    sources = serializers.DictField(
        source="run.sources", help_text="Numbers of photos by where they come from."
    )
    warnings = serializers.SerializerMethodField(
        help_text="What is to be said with every figure, in words."
    )

    def get_warnings(self, calibration: Calibration) -> list[str]:
        run = calibration.run
        return [str(warning_text(code, run)) for code in warning_codes(run)]


class _CalibrationRows(RowsView):
    needs = "recognition.view_calibration"


class CalibrationsView(_CalibrationRows):
    pagination_class = NewestFirst

    @shows("calibrations", CalibrationOutput(many=True), CalibrationQuery, orders())
    def get(self, request: Request) -> Response:
        """What was measured, newest first; `in_force=true` for what judges answers now."""
        query = asked(CalibrationQuery, request)
        found = calibrations().defer("targets", "curve", "run__fitted", "run__signals")
        if "encoder" in query:
            found = found.filter(run__encoder__key=query["encoder"])
        if "scope" in query:
            found = found.filter(scope=query["scope"])
        if "measured_on" in query:
            found = found.filter(run__kind=query["measured_on"])
        if query["in_force"] is not None:
            found = found.filter(in_force=query["in_force"])
        return self.page(ordered(self, found), CalibrationOutput, loads=with_staleness)


class CalibrationView(_CalibrationRows):
    @shows("calibration", CalibrationDetailOutput)
    def get(self, request: Request, calibration: int) -> Response:  # noqa: ARG002
        """All that was measured for one scope, with its curve of error against coverage."""
        found = get_object_or_404(calibrations(), pk=calibration)
        with_staleness([found])
        return self.one(found, CalibrationDetailOutput)


def calibrations() -> Any:
    """Those of finished runs, with `in_force`."""
    return (
        Calibration.objects.filter(run__state=CalibrationRun.State.DONE)
        .select_related("run__encoder")
        .annotate(
            in_force=Case(
                When(pk__in=in_force_ids(), then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            )
        )
    )


def with_staleness(rows: list[Any]) -> None:
    """Attaches `stale`, by one query."""
    stale = stale_runs(row.run for row in rows if row.in_force)
    for row in rows:
        row.stale = row.run_id in stale if row.in_force else None
