"""The tree of categories in the admin: adding, renaming, moving and deleting branches."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.models import Category, Product
from products.models.category import full_names
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:products_category_changelist")
ADD = reverse("admin:products_category_add")


def change_url(category: Category) -> str:
    return reverse("admin:products_category_change", args=[category.pk])


def delete_url(category: Category) -> str:
    return reverse("admin:products_category_delete", args=[category.pk])


def tree(*paths: str) -> list[Category]:
    return [Category.objects.at_path(path) for path in paths]


def paths() -> list[str]:
    """All paths in the order in which the tree is shown."""
    names = full_names(Category.objects.all())
    assert Category.objects.find_problems() == ([], [], [], [], [])
    return [names[category.pk] for category in Category.objects.all()]


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [str(message) for group in answer.context["errors"] for message in group]


def save(client: Client, category: Category, name: str, parent: Category | None) -> Any:
    category.refresh_from_db()
    return client.post(change_url(category), {"name": name, "parent": parent.pk if parent else ""})


def test_a_category_is_added_at_the_top_and_below_another(admin_client: Client) -> None:
    assert admin_client.post(ADD, {"name": "Fruit", "parent": ""}).status_code == 302
    fruit = Category.objects.get()
    assert admin_client.post(ADD, {"name": " Red   apple ", "parent": fruit.pk}).status_code == 302
    assert paths() == ["Fruit", "Fruit/Red apple"]


def test_the_choice_of_parents_shows_paths_and_not_what_lies_below(admin_client: Client) -> None:
    _, leaf, *_ = tree("Fruit", "Fruit/Apple", "Home/Lamps")
    page = admin_client.get(change_url(leaf)).content.decode()
    assert "Home/Lamps" in page
    choices = (
        admin_client.get(change_url(tree("Fruit")[0])).context["adminform"].form.fields["parent"]
    )
    assert [label for _, label in choices.choices] == ["– top –", "Home", "Home/Lamps"]


def test_the_form_shows_where_a_category_stands(admin_client: Client) -> None:
    top, leaf = tree("Fruit", "Fruit/Apple")
    initial = admin_client.get(change_url(leaf)).context["adminform"].form.fields["parent"].initial
    assert initial == top.pk


def test_a_category_moves_below_another_with_its_branch(admin_client: Client) -> None:
    leaf, _, target, _ = tree("Fruit/Apple", "Fruit/Apple/Red", "Home", "Home/Basket")
    product = ProductFactory(category=leaf)
    assert save(admin_client, leaf, "Apple", target).status_code == 302
    assert paths() == ["Fruit", "Home", "Home/Apple", "Home/Apple/Red", "Home/Basket"]
    product.refresh_from_db()
    assert product.category.full_name == "Home/Apple"


def test_a_category_moves_to_the_top(admin_client: Client) -> None:
    _, leaf, _ = tree("Fruit", "Fruit/Apple", "Fruit/Apple/Red")
    tree("Zoo")
    assert save(admin_client, leaf, "Apple", None).status_code == 302
    assert paths() == ["Apple", "Apple/Red", "Fruit", "Zoo"]


def test_a_renamed_category_finds_its_place_among_its_neighbours(admin_client: Client) -> None:
    a, _, _ = tree("a", "b", "c")
    x, _ = tree("b/x", "b/y")
    assert save(admin_client, a, "z", None).status_code == 302
    assert save(admin_client, x, "z", tree("b")[0]).status_code == 302
    assert paths() == ["b", "b/y", "b/z", "c", "z"]


def test_the_only_category_is_renamed(admin_client: Client) -> None:
    (only,) = tree("Fruit")
    assert save(admin_client, only, "fruit", None).status_code == 302
    assert paths() == ["fruit"]


def test_a_category_is_renamed_and_moved_past_its_namesakes(admin_client: Client) -> None:
    mover, _, target, _ = tree("From/Old", "From/New", "To", "To/Old")
    assert save(admin_client, mover, "New", target).status_code == 302
    assert paths() == ["From", "From/New", "To", "To/New", "To/Old"]


def test_a_category_does_not_move_below_itself(admin_client: Client) -> None:
    top, below = tree("Fruit", "Fruit/Apple")
    for parent in (top, below):
        answer = save(admin_client, top, "Fruit", parent)
        assert errors(answer) == [
            "Select a valid choice. That choice is not one of the available choices."
        ]
    assert paths() == ["Fruit", "Fruit/Apple"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fRUIT", "There is a category of this name here already."),
        ("Fruit/Apple", "A category's name holds no slash; choose what is above it."),
        ("a\x07", "A category's name holds a control character; type it anew."),
        ("", "This field is required."),
        ("x" * 121, "Ensure this value has at most 120 characters (it has 121)."),
    ],
)
def test_a_bad_name_is_an_error_of_the_form(admin_client: Client, name: str, message: str) -> None:
    tree("Fruit")
    assert errors(admin_client.post(ADD, {"name": name, "parent": ""})) == [message]
    assert paths() == ["Fruit"]


def test_a_move_to_a_namesake_is_an_error_of_the_form(admin_client: Client) -> None:
    mover, target, _ = tree("From/Apple", "To", "To/apple")
    answer = save(admin_client, mover, "Apple", target)
    assert errors(answer) == ["There is a category of this name here already."]


def test_the_tree_stays_as_shallow_as_an_import_can_name_it(admin_client: Client) -> None:
    deep, branch, *_ = tree("1/2/3/4/5/6/7", "A/B", "A/B/C")
    message = "The tree would be deeper than 8 levels."
    assert errors(save(admin_client, branch, "B", deep)) == [message]
    assert admin_client.post(ADD, {"name": "8", "parent": deep.pk}).status_code == 302
    (deepest,) = tree("1/2/3/4/5/6/7/8")
    assert errors(admin_client.post(ADD, {"name": "9", "parent": deepest.pk})) == [message]


def test_an_empty_branch_is_deleted_whole(admin_client: Client) -> None:
    top, *_ = tree("Fruit", "Fruit/Apple/Red", "Home")
    page = admin_client.get(delete_url(top)).content.decode()
    assert "Fruit/Apple/Red" in page
    assert admin_client.post(delete_url(top), {"post": "yes"}).status_code == 302
    assert paths() == ["Home"]


@pytest.mark.parametrize("path", ["Fruit", "Fruit/Apple"])
def test_a_branch_with_products_is_not_deleted_and_says_why(
    admin_client: Client, path: str
) -> None:
    ProductFactory(category_path="Fruit/Apple", name="Pink Lady")
    (category,) = tree(path)
    answer = admin_client.get(delete_url(category))
    assert answer.status_code == 200
    assert [str(each) for each in answer.context["protected"]]
    assert "Pink Lady" in answer.content.decode()
    answer = admin_client.post(delete_url(category), {"post": "yes"})
    assert answer.status_code == 200
    assert "Pink Lady" in answer.content.decode()
    assert paths() == ["Fruit", "Fruit/Apple"]
    assert Product.objects.count() == 1


def test_several_categories_are_deleted_at_once(admin_client: Client) -> None:
    doomed = tree("Fruit", "Fruit/Apple", "Home/Lamps")
    tree("Home/Chairs")
    data = {"action": "delete_selected", "_selected_action": [c.pk for c in doomed]}
    assert admin_client.post(LIST, data).status_code == 200
    assert admin_client.post(LIST, {**data, "post": "yes"}).status_code == 302
    assert paths() == ["Home", "Home/Chairs"]


def test_several_categories_with_products_below_are_not_deleted(admin_client: Client) -> None:
    ProductFactory(category_path="Fruit/Apple", name="Pink Lady")
    data = {"action": "delete_selected", "_selected_action": [tree("Fruit")[0].pk], "post": "yes"}
    assert "Pink Lady" in admin_client.post(LIST, data).content.decode()
    assert paths() == ["Fruit", "Fruit/Apple"]


def test_the_list_counts_products_of_whole_branches_by_one_query(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(LIST).status_code == 200
        return len(captured)

    for number in range(3):
        ProductFactory(category_path=f"Fruit/Kind {number}")
    queries()
    few = queries()
    for number in range(3, 60):
        ProductFactory(category_path=f"Fruit/Kind {number}")
    assert queries() == few
    rows = {c.name: c.number_inside for c in admin_client.get(LIST).context["cl"].result_list}
    assert rows["Fruit"] == 60
    assert rows["Kind 7"] == 1
    tree("Empty")
    rows = {c.name: c.number_inside for c in admin_client.get(LIST).context["cl"].result_list}
    assert rows["Empty"] == 0


def test_products_find_their_category_by_its_name(admin_client: Client) -> None:
    tree("Fruit/Apple", "Home/Lamps")
    answer = admin_client.get(
        reverse("admin:autocomplete"),
        {"term": "app", "app_label": "products", "model_name": "product", "field_name": "category"},
    )
    assert [row["text"] for row in answer.json()["results"]] == ["Fruit/Apple"]


def test_a_branch_with_products_links_to_all_of_them(admin_client: Client) -> None:
    for number in range(25):
        ProductFactory(category_path=f"Fruit/Kind {number % 2}", name=f"Sort {number:02d}")
    (category,) = tree("Fruit")
    answer = admin_client.get(delete_url(category))
    page = answer.content.decode()
    url = f"{reverse('admin:products_product_changelist')}?category={category.pk}"
    assert f'<a href="{url}">All 25 products of Fruit</a>' in page
    assert "Sort 09" in page
    assert "Sort 10" not in page
    listed = admin_client.get(url).context["cl"]
    assert listed.result_count == 25


def autocomplete(client: Client, term: str) -> list[str]:
    answer = client.get(
        reverse("admin:autocomplete"),
        {"term": term, "app_label": "products", "model_name": "product", "field_name": "category"},
    )
    assert answer.status_code == 200
    return [row["text"] for row in answer.json()["results"]]


def test_a_category_is_chosen_by_a_part_of_its_path(admin_client: Client) -> None:
    tree("Fruit/Apple/Red", "Home/Apple", "Home/Lamps")
    assert autocomplete(admin_client, "apple") == ["Fruit/Apple", "Home/Apple"]
    assert autocomplete(admin_client, "fru/app") == ["Fruit/Apple"]
    assert autocomplete(admin_client, "fruit / red") == ["Fruit/Apple/Red"]
    assert autocomplete(admin_client, "nothing/apple") == []
    assert autocomplete(admin_client, "///") == autocomplete(admin_client, "")


def test_full_paths_are_chosen_from_by_one_query(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            autocomplete(admin_client, "kind")
        return len(captured)

    tree("A/Kind 0", "A/Kind 1")
    few = queries()
    tree(*(f"A/B{number}/Kind {number}" for number in range(2, 20)))
    assert queries() == few


def test_full_names_come_with_the_rows(django_assert_num_queries: Any) -> None:
    tree("Fruit/Apple/Red", "Fruit/Apple_x", "Zoo")
    with django_assert_num_queries(1):
        names = [str(category) for category in Category.objects.all().with_full_names()]
    assert names == ["Fruit", "Fruit/Apple", "Fruit/Apple/Red", "Fruit/Apple_x", "Zoo"]
