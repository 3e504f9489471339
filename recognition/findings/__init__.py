"""The catalogue check-up: what photos, names and digests say is wrong with the catalogue itself."""
