"""Products are made, changed and deleted one by one, as programs of partners do it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from api.retrying import retry_when_lost
from api.stored_files import atomic_with_files
from products import slots
from products.imaging import PreparedPhoto
from products.models import Product, ProductQuerySet
from products.photos import store_photo
from products.refusals import Refusal

# The fields that a person may write, once a product is there.
CHANGEABLE = (
    "name", "brand", "category", "description", "attributes", "barcode", "price", "is_active",
)  # fmt: skip
# Which field a rule of the table is about.
_FIELD_OF = {
    "product_sku_is_clean": "sku",
    "product_has_a_name": "name",
    "product_barcode_is_gtin": "barcode",
    "product_barcode_unique": "barcode",
    "product_price_not_negative": "price",
}
_UNIQUE = "unique"

# Looks at the locked product, and raises where it is not the one that is meant.
Check = Callable[[Product], None]


@retry_when_lost
@atomic_with_files()
def create_product(*, fields: Mapping[str, Any], photos: Sequence[PreparedPhoto] = ()) -> Product:
    """Makes a product with its first photos, or nothing at all.

    Raises:
        ValidationError: by field; `unique` where the SKU or the barcode is another product's.
    """
    product = Product(**fields)
    _save(product)
    for prepared in photos:
        store_photo(product=product, prepared=prepared)
    return product


@retry_when_lost
@transaction.atomic
def change_product(
    *, products: ProductQuerySet, sku: str, fields: Mapping[str, Any], check: Check
) -> Product:
    """Writes some of the fields of a product of `products`. `check` sees it under its lock.

    Raises:
        Product.DoesNotExist: it is not among them.
        ValidationError: by field.
    """
    product = _locked(products, sku)
    check(product)
    if "sku" in fields and fields["sku"] != product.sku:
        text = _("The SKU of a product never changes. Make a new product, then merge this into it.")
        raise ValidationError({"sku": ValidationError(text, code="sku_fixed")})
    before = {name: getattr(product, name) for name in CHANGEABLE}
    for name in CHANGEABLE:
        if name in fields:
            setattr(product, name, fields[name])
    product.clean()
    changed = [name for name in CHANGEABLE if not _same(getattr(product, name), before[name])]
    if changed:
        _save(product, changed)
    return product


@retry_when_lost
@transaction.atomic
def delete_product(*, products: ProductQuerySet, sku: str, check: Check) -> None:
    """Deletes a product that nothing but the catalogue knows of, with its photos.

    Raises:
        Product.DoesNotExist: it is not among `products`.
        Refusal: stock, sightings or merged products point to it.
    """
    product = _locked(products, sku, for_good=True)
    check(product)
    reasons = [reason for find in slots.reasons_to_keep for reason in find([product])]
    if reasons:
        raise _in_use(" ".join(reasons))
    try:
        with transaction.atomic():
            product.delete()
            # Now, and not at the commit: somebody may have booked it just before.
            connection.check_constraints()
    except (ProtectedError, RestrictedError, IntegrityError) as error:
        raise _in_use(_("Something refers to %(product)s.") % {"product": product}) from error


def _in_use(reason: str) -> Refusal:
    return Refusal(f"{reason} " + _("Set is_active to false instead."), "in_use")


def _locked(products: ProductQuerySet, sku: str, *, for_good: bool = False) -> Product:
    locked = products.select_for_update(of=("self",), no_key=not for_good)
    return locked.select_related("category").defer("text").get(sku=sku)


def _same(one: Any, other: Any) -> bool:
    # 1 and true are equal to Python, and are not the same attribute.
    return bool(one == other) and repr(one) == repr(other)


def _save(product: Product, changed: Sequence[str] | None = None) -> None:
    _check(product)
    try:
        with transaction.atomic():
            product.save(update_fields=None if changed is None else [*changed, "updated_at"])
            # The category may have been deleted just before.
            connection.check_constraints()
    except IntegrityError as error:
        raise _refused_by_database(error) from error


def _check(product: Product) -> None:
    """`full_clean`, with the rules of the table as errors of the fields that they are about."""
    errors: dict[str, list[ValidationError]] = {}
    try:
        product.full_clean(exclude=["merged_into"], validate_constraints=False)
    except ValidationError as error:
        errors.update(error.error_dict)
    for constraint in Product._meta.constraints:
        field = _FIELD_OF.get(constraint.name)
        if field is None or field in errors:
            continue
        try:
            constraint.validate(Product, product)
        except ValidationError as error:
            code = _UNIQUE if constraint.name.endswith(_UNIQUE) else "invalid"
            errors[field] = [ValidationError(error.messages[0], code=code)]
    if errors:
        raise ValidationError(errors)


def _refused_by_database(error: IntegrityError) -> ValidationError:
    """What another transaction made wrong after it was checked."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if name.startswith("products_product_sku"):
        text, field, code = _("Product with this SKU already exists."), "sku", _UNIQUE
    elif name == "product_barcode_unique":
        text, field, code = _("Another product has this barcode."), "barcode", _UNIQUE
    elif "category" in name:
        text = _("There is no category of this path; write it like Fruit/Apple.")
        field, code = "category", "unknown_category"
    else:
        text, field, code = str(error), _FIELD_OF.get(name, "non_field_errors"), "invalid"
    return ValidationError({field: ValidationError(text, code=code)})
