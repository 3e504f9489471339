"""The catalogue as files, in the columns that the import reads."""
