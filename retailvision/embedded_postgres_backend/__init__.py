"""A Django database backend for the embedded PostgreSQL: it starts the server when asked to connect.

DATABASES = {"default": {
    "ENGINE": "retailvision.embedded_postgres_backend",
    "NAME": "retailvision",
    "OPTIONS": {"embedded_data_dir": "/srv/retailvision/data"},
}}
"""
