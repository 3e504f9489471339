"""Static files under names that hold their digest, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ForgivingManifestStorage(CompressedManifestStaticFilesStorage):
    """Falls back to the plain name where `collectstatic` has not been run, instead of a 500."""

    manifest_strict = False
