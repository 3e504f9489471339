"""An import is done for somebody, who must still be allowed to when a worker comes to it."""

import pytest

from products.imports.runs import start_import
from products.imports.work import work_on
from products.models import ImportRun, Product
from tests.factories import StaffFactory, UserFactory
from tests.products.import_runs import begun, worked

pytestmark = pytest.mark.django_db

ROW = "A-1,Apple,Fruit,,,3.49,,"


@pytest.mark.parametrize("loss", ["left", "no longer a superuser", "deleted"])
def test_who_lost_the_right_imports_nothing(loss: str) -> None:
    boss = StaffFactory()
    run = worked(begun(ROW, user=boss))
    assert start_import(run_id=run.pk, user=boss)
    if loss == "left":
        type(boss).objects.filter(pk=boss.pk).update(is_active=False)
    elif loss == "deleted":
        ImportRun.objects.filter(pk=run.pk).update(created_by=None, started_by=None)
    else:
        type(boss).objects.filter(pk=boss.pk).update(is_superuser=False)
    work_on(run.pk)
    run.refresh_from_db()
    assert run.state == "refused"
    assert "may not import" in run.problem
    assert not Product.objects.exists()


def test_nor_is_it_checked_for_them() -> None:
    run = begun(ROW, user=UserFactory())
    work_on(run.pk)
    run.refresh_from_db()
    assert run.state == "refused"
