"""Staff add a product with a photo in the admin, and it can be found at once."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from products.models import Category, Product
from recognition.embedding import embed_pending
from recognition.models import ImageEmbedding
from recognition.versions import settle_encoder
from tests.browser.conftest import Visitor
from tests.factories import StaffFactory
from tests.pictures import phone_photo, product_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_product_added_in_the_admin_is_found_by_photo(
    live_server, visitor: Visitor, tmp_path: Path, transactional_db
) -> None:
    StaffFactory(username="anna")
    encoder = settle_encoder()
    category = Category.objects.at_path("Home/Lamps")
    photo, query = tmp_path / "a.jpg", tmp_path / "b.jpg"
    photo.write_bytes(product_photo(31))
    query.write_bytes(phone_photo(31))

    page = visitor.page
    page.goto(live_server.url + "/admin/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", "secret")
    page.locator("button[type=submit]").click()
    page.goto(live_server.url + "/admin/products/product/add/")
    page.fill("input[name=sku]", "NEW-1")
    page.fill("input[name=name]", "Desk lamp")
    page.evaluate(
        """(id) => {
            const select = document.querySelector("select[name=category]");
            select.append(new Option("Home/Lamps", id, true, true));
        }""",
        category.pk,
    )
    page.locator("input[name='images-0-file']").set_input_files(photo)
    page.locator("button[name=_continue], input[name=_continue]").first.click()
    page.wait_for_url("**/change/**")
    expect(page.get_by_text("waiting").first).to_be_visible()

    assert Product.objects.get().sku == "NEW-1"
    embed_pending(encoder)
    assert ImageEmbedding.objects.ready().count() == 1
    page.reload()
    expect(page.get_by_text("ready").first).to_be_visible()

    page.goto(live_server.url)
    page.get_by_test_id("photo-input").set_input_files(query)
    expect(page.get_by_test_id("result-card").first).to_have_attribute("data-sku", "NEW-1")
