"""Who may do what in which store, asked directly; by requests: test_role_matrix.py."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.roles import ANALYST, CATALOGUE_EDITOR, PARTNER, STORE_CLERK
from stores import policy
from stores.actions import Action
from stores.models import Store
from stores.refusals import NotAllowed
from tests.factories import StaffFactory, StoreFactory, UserFactory, clerk_of, person

pytestmark = pytest.mark.django_db
WORK = {Action.BOOK, Action.ADJUST, Action.COUNT, Action.APPROVE, Action.SET_REORDER_POINT}
# role: what in the own store, what in another
TABLE = {
    CATALOGUE_EDITOR: ({Action.VIEW}, {Action.VIEW}),
    STORE_CLERK: ({Action.VIEW, *WORK}, set()),
    ANALYST: ({Action.VIEW}, {Action.VIEW}),
    PARTNER: ({Action.VIEW, Action.BOOK}, {Action.VIEW}),
}


@pytest.fixture
def own():
    return StoreFactory()


@pytest.fixture
def other():
    return StoreFactory()


@pytest.mark.parametrize("role", TABLE)
def test_what_a_role_may_in_its_own_store_and_in_another(role, own, other) -> None:
    user = person(role, own)
    for store, expected in zip((own, other), TABLE[role], strict=True):
        assert {action for action in Action if policy.may(user, action, store)} == expected
        for action in set(Action) - expected:
            with pytest.raises(NotAllowed):
                policy.require(user, action, store)


def test_two_roles_do_not_multiply(own, other) -> None:
    user = person(STORE_CLERK, own)
    user.groups.add(*person(CATALOGUE_EDITOR).groups.all())
    assert {action for action in Action if policy.may(user, action, other)} == {Action.VIEW}


def test_nobody_and_the_inactive_may_nothing_and_superusers_all(own) -> None:
    gone = person(STORE_CLERK, own, is_active=False)
    gone_boss = StaffFactory(is_active=False)
    plain = UserFactory()
    plain.stores.add(own)
    for user in (AnonymousUser(), gone, gone_boss, plain):
        assert not any(policy.may(user, action, own) for action in Action)
    assert all(policy.may(StaffFactory(), action, own) for action in Action)


def test_whose_ledger_and_stocktakes_are_read(own, other) -> None:
    both, none = {own, other}, None

    def read(stores_of, user) -> set[Store] | None:
        try:
            return set(stores_of(user))
        except NotAllowed:
            return none

    expected = {
        CATALOGUE_EDITOR: (both, none, none),
        STORE_CLERK: ({own}, {own}, {own}),
        ANALYST: (both, both, both),
        PARTNER: (both, {own}, none),
    }
    for role, wanted in expected.items():
        user = person(role, own)
        found = [
            read(stores_of, user)
            for stores_of in (
                policy.stores_with_stock,
                policy.stores_with_ledger,
                policy.stores_with_stocktakes,
            )
        ]
        assert found == list(wanted), role


def test_who_counts_without_reading_all_sees_what_is_counted_there(own, other) -> None:
    counter = clerk_of(own, permissions=[Action.COUNT])
    assert set(policy.stores_with_stocktakes(counter)) == {own}
    with pytest.raises(NotAllowed):
        policy.stores_with_stock(counter)
