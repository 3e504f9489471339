"""What recognition does, in the admin: one module a subject."""

from recognition.admin import encoders, photos, sightings

__all__ = ["encoders", "photos", "sightings"]
