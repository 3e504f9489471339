"""What recognition does, in the admin: one module a subject."""

from recognition.admin import encoders, feature_maps, findings, photos, sightings, similarity

__all__ = ["encoders", "feature_maps", "findings", "photos", "sightings", "similarity"]
