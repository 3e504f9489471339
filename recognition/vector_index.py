"""The HNSW index that each encoder has over its own vectors."""

from django.db import connection
from psycopg import sql

from recognition.models import Encoder, ImageEmbedding

# pgvector's own defaults; recall is set when searching (see recognition.nearest).
_LINKS, _BUILD_LIST = 16, 64


def index_name(encoder: Encoder) -> str:
    return f"embedding_hnsw_{encoder.pk}"


def index_is_valid(encoder: Encoder) -> bool:
    """False where the index is missing, or was left half made by a broken CREATE."""
    return _validity(encoder) is True


def has_index(encoder: Encoder) -> bool:
    """Whether there is one, be it half made."""
    return _validity(encoder) is not None


def _validity(encoder: Encoder) -> bool | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indisvalid FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
            " WHERE c.relname = %s AND pg_table_is_visible(c.oid)",
            [index_name(encoder)],
        )
        row = cursor.fetchone()
    return None if row is None else bool(row[0])


def ensure_index(encoder: Encoder) -> None:
    """Makes the partial index of an encoder, if it is not there or was left half made.

    Outside a transaction it is made while writes go on (CONCURRENTLY).
    """
    valid = _validity(encoder)
    if valid:
        return
    name = index_name(encoder)
    with connection.cursor() as cursor:
        if valid is False:
            cursor.execute(_drop(name))
        cursor.execute(
            sql.SQL(
                "CREATE INDEX " + _concurrently() + "{index} ON {table}"
                " USING hnsw ((vector::halfvec({dimension})) halfvec_cosine_ops)"
                " WITH (m = {links}, ef_construction = {build_list})"
                " WHERE encoder_id = {encoder}"
            )
            .format(
                index=sql.Identifier(name),
                table=sql.Identifier(ImageEmbedding._meta.db_table),
                dimension=sql.Literal(encoder.dimension),
                links=sql.Literal(_LINKS),
                build_list=sql.Literal(_BUILD_LIST),
                encoder=sql.Literal(encoder.pk),
            )
            .as_string()
        )


def drop_index(encoder: Encoder) -> None:
    """Outside a transaction it goes while searches and writes go on (CONCURRENTLY): else it would
    wait for whoever reads the vectors, and every search of any encoder behind it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_drop(index_name(encoder)))


def _drop(name: str) -> str:
    # Text: what adds the caller's name to statements reads them (see products.history).
    statement = "DROP INDEX " + _concurrently() + "IF EXISTS {index}"
    return sql.SQL(statement).format(index=sql.Identifier(name)).as_string()


def _concurrently() -> str:
    return "" if connection.in_atomic_block else "CONCURRENTLY "
