"""The stock pages of those who work in the stores: for phones first, outside the admin."""
