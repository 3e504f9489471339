"""Static files under names that hold their digest, so that browsers may keep them for ever."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ForgivingManifestStorage(CompressedManifestStaticFilesStorage):
    """Falls back to the plain name where `collectstatic` has not been run, instead of a 500."""

    manifest_strict = False
    # A script of ours that imports another asks for it by its digest too, so that the two are always of
    # one release. Those of libraries are left as they are: some import what they do not bring.
    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "retailvision/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]  # noqa: SLF001
    )
