"""Measured claims. Each prints its peer and the ratio of the same run: `make bench`."""
