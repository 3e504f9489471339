"""A database is emptied after a test, whatever a server of the test is still doing in it."""

import threading
from time import sleep

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from products.models import Product
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_that_takes_tables_in_another_order() -> None:
    ProductFactory()
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    other = psycopg.connect(**{each: parameters[each] for each in names if each in parameters})
    other.execute("SELECT 1 FROM products_product")  # in a transaction that goes on

    def answer() -> None:
        sleep(0.3)  # by then the other waits for this one
        other.execute("SELECT 1 FROM products_category FOR SHARE")
        other.commit()

    asked = threading.Thread(target=answer)
    asked.start()
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    asked.join()
    other.close()
    assert not Product.objects.exists()
