"""Imports of table files in the background: what is read, how it is run, and its pages."""
