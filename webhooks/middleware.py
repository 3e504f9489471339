"""Rings for the workers after a request that wrote something to tell."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from webhooks.queue import knock_if_new

logger = logging.getLogger(__name__)

_READING = {"GET", "HEAD", "OPTIONS", "TRACE"}


class KnockMiddleware:
    """Behind the views, whose transactions are committed by then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Where nothing asked the database, nothing was written.
        if request.method not in _READING and connection.connection is not None:
            try:
                knock_if_new()
            except DatabaseError:  # the sweep rings in any case; the answer stands
                logger.warning("The workers could not be told of new events", exc_info=True)
        return response
