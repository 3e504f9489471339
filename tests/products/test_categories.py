"""The tree of categories: branches by path, letter case, Unicode, and what a name may be."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from products.models import Category
from products.models.category import full_names, split_path

pytestmark = pytest.mark.django_db

SOUND_TREE = ([], [], [], [], [])


def all_paths() -> list[str]:
    return sorted(full_names(Category.objects.all()).values())


def test_missing_branches_are_added() -> None:
    leaf = Category.objects.at_path("Fruit/Apple/Pink Lady")
    assert leaf.name == "Pink Lady"
    assert leaf.depth == 3
    assert leaf.full_name == str(leaf) == "Fruit/Apple/Pink Lady"
    assert all_paths() == ["Fruit", "Fruit/Apple", "Fruit/Apple/Pink Lady"]


def test_a_branch_that_is_there_is_used_again() -> None:
    first = Category.objects.at_path("Fruit/Apple")
    assert Category.objects.at_path("Fruit/Apple") == first
    Category.objects.at_path("Fruit/Pear")
    assert all_paths() == ["Fruit", "Fruit/Apple", "Fruit/Pear"]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("Fruit/Apple", "fRUIT/aPPLE"),
        ("Фрукты/Яблоко", "ФРУКТЫ/яблоко"),
        ("Æbler/Übermut", "æbler/üBERMUT"),
        ("Kelvin", "\N{KELVIN SIGN}elvin"),
        ("Caf\N{LATIN SMALL LETTER E WITH ACUTE}", "Cafe\N{COMBINING ACUTE ACCENT}"),
        ("Fruit/Apple", "  Fruit /\tApple  "),
        ("Pink Lady", "Pink \N{NO-BREAK SPACE} Lady"),
    ],
)
def test_letter_case_spelling_and_blanks_make_no_second_category(first: str, again: str) -> None:
    category = Category.objects.at_path(first)
    count = Category.objects.count()
    assert Category.objects.at_path(again) == category
    assert Category.objects.count() == count
    assert Category.objects.all().find(again) == category


def test_the_spelling_of_the_first_writer_is_kept() -> None:
    Category.objects.at_path("FRUIT")
    assert Category.objects.at_path("fruit/apple").full_name == "FRUIT/apple"


def test_one_name_may_stand_in_several_branches() -> None:
    green = Category.objects.at_path("Apple/Green")
    other = Category.objects.at_path("Tea/Green")
    assert green != other
    assert Category.objects.count() == 4


def test_names_with_pattern_characters_are_themselves() -> None:
    Category.objects.at_path("100%/a_b")
    assert Category.objects.all().find("100x/axb") is None
    assert Category.objects.at_path("100x").name == "100x"


def test_siblings_stand_in_the_order_of_their_names() -> None:
    for path in ("b", "c/z", "a", "c/x", "c/y"):
        Category.objects.at_path(path)
    names = full_names(Category.objects.all())
    assert [names[c.pk] for c in Category.objects.all()] == ["a", "b", "c", "c/x", "c/y", "c/z"]
    assert Category.objects.find_problems() == SOUND_TREE


@pytest.mark.parametrize("path", ["", "   ", "/", "Fruit//Apple", "/Fruit", "Fruit/", "Fruit/ /x"])
def test_an_empty_name_is_refused(path: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Category.objects.at_path(path)
    assert refused.value.messages == [
        f"Category path “{path}” has an empty name; write it like Fruit/Apple."
    ]
    assert Category.objects.count() == 0


def test_a_name_of_120_characters_is_accepted_and_one_more_is_refused() -> None:
    assert Category.objects.at_path("я" * 120).name == "я" * 120
    with pytest.raises(ValidationError) as refused:
        Category.objects.at_path("Fruit/" + "я" * 121)
    assert refused.value.messages == [
        "A category's name has at most 120 characters; one here has 121."
    ]
    assert all_paths() == ["я" * 120]


def test_eight_levels_are_accepted_and_nine_are_refused() -> None:
    deep = "/".join("abcdefgh")
    assert Category.objects.at_path(deep).depth == 8
    with pytest.raises(ValidationError) as refused:
        Category.objects.at_path(deep + "/i")
    assert refused.value.messages == [f"Category path “{deep}/i” is deeper than 8 levels."]
    assert Category.objects.count() == 8


@pytest.mark.parametrize("name", ["a\0b", "a\x07b", "a\x1bb"])
def test_a_control_character_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="holds a control character"):
        split_path(name)
    assert Category.objects.all().find(name) is None


def test_what_is_no_path_is_not_found() -> None:
    Category.objects.at_path("Fruit")
    assert Category.objects.all().find("") is None
    assert Category.objects.all().find("Fruit/Apple") is None
    assert Category.objects.all().find("Fruit/") is None


def refused_by_database(constraint: str, name: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Category.objects.add_root({"name": name})


@pytest.mark.parametrize("name", ["", " ", "a/b", " a", "a ", "\n"])
def test_the_database_refuses_names_that_are_not_clean(name: str) -> None:
    refused_by_database("category_name_is_clean", name)


def test_the_database_refuses_a_second_root_of_a_name() -> None:
    Category.objects.add_root({"name": "Fruit"})
    refused_by_database("category_name_unique_in_branch", "FRUIT")


def test_the_database_refuses_a_second_child_of_a_name() -> None:
    parent = Category.objects.at_path("Fruit")
    Category.objects.add_child(parent, {"name": "Apple"})
    with (
        pytest.raises(IntegrityError, match="category_name_unique_in_branch"),
        transaction.atomic(),
    ):
        Category.objects.add_child(parent, {"name": "aPPLE"})
    pear = Category.objects.at_path("Fruit/Pear")
    with (
        pytest.raises(IntegrityError, match="category_name_unique_in_branch"),
        transaction.atomic(),
    ):
        Category.objects.filter(pk=pear.pk).update(name="apple")
    assert all_paths() == ["Fruit", "Fruit/Apple", "Fruit/Pear"]


def test_full_names_of_many_cost_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    leaves = [Category.objects.at_path(f"a/b{n % 3}/c{n}") for n in range(12)]
    leaves = list(Category.objects.filter(pk__in=[leaf.pk for leaf in leaves]))
    with django_assert_num_queries(1):
        names = full_names(leaves)
    assert sorted(names.values()) == sorted(f"a/b{n % 3}/c{n}" for n in range(12))


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_make_one_tree() -> None:
    def write(number: int) -> int:
        try:
            return Category.objects.at_path(f"Fruit/Apple/Kind {number % 2}").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(write, range(16)))
    assert len(set(keys)) == 2
    assert all_paths() == ["Fruit", "Fruit/Apple", "Fruit/Apple/Kind 0", "Fruit/Apple/Kind 1"]
    assert Category.objects.find_problems() == SOUND_TREE
