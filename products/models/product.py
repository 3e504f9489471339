"""Products and what can be asked of many of them."""

import json
import math
from decimal import Decimal
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchRank, SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from products.imaging import canonical_gtin
from products.models.category import Category
from products.word_matches import found_by
from products.words import prefix_query, separated

# A SKU stands in addresses and file names: no slash, no control or blank character but single
# spaces inside.
# An address of dots alone means another page. Written so that Python and PostgreSQL agree.
SKU_PATTERN = (
    r"^(?!\.{1,2}$)[^\s/\\\u0001-\u001f\u007f-\u009f]+"
    r"( [^\s/\\\u0001-\u001f\u007f-\u009f]+)*$"
)
_ATTRIBUTE_DEPTH = 4
# Attributes stand whole in every list, answer and export; no product needs more than some pages.
ATTRIBUTES_MAX_BYTES = 64 * 1024
# What full-text search takes of one product is limited; no description needs more.
_DESCRIPTION_LENGTH = 20_000
# Only the canonical spelling (see `canonical_gtin`), or one GTIN could stand at two products.
GTIN_PATTERN = r"^(?!0{8}$)([0-9]{8}|(?!0000)[0-9]{12}|[1-9][0-9]{12,13})$"


# One product in sixteen, drawn by its number for good; of a large catalogue, counts are made on these.
# The number is multiplied so that no pattern in it, as of an import, makes a pattern of the sample.
SAMPLED_ONE_IN = 16
SAMPLED = Exact((F("id") * 40503).bitand(0xF000), 0)


def _search_vector() -> Combinable:
    """Names weigh most, then brand, then text; stemmed for both languages, and literal for codes."""
    vector: Combinable = SearchVector(
        *map(separated, ("sku", "name", "brand", "barcode")), weight="A", config="simple"
    )
    for language in ("english", "russian"):
        vector += SearchVector(separated("name"), weight="A", config=language)
        vector += SearchVector(separated("brand"), weight="B", config=language)
        vector += SearchVector(separated("description"), weight="C", config=language)
    return vector


def validate_gtin(value: str) -> None:
    if value and canonical_gtin(value) is None:
        raise ValidationError(
            _("“%(value)s” is not a GTIN: 8, 12, 13 or 14 digits, the last a check digit."),
            code="gtin",
            params={"value": value},
        )


def validate_attributes(value: object) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_("Attributes are names with values, as in {“colour”: “red”}."))
    if not _is_plain(value, depth=_ATTRIBUTE_DEPTH):
        raise ValidationError(
            _("Attributes hold text, finite numbers and lists of them, at most %(depth)d deep.")
            % {"depth": _ATTRIBUTE_DEPTH}
        )
    if len(json.dumps(value, ensure_ascii=False).encode()) > ATTRIBUTES_MAX_BYTES:
        raise ValidationError(
            _("Attributes take at most %(most)d kB as JSON."),
            code="attributes_too_large",
            params={"most": ATTRIBUTES_MAX_BYTES // 1024},
        )


def _is_plain(value: object, *, depth: int) -> bool:
    """Whether JSONB takes a value and a page can show it."""
    if isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list):
        parts = value
    elif isinstance(value, str):
        return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)
    elif isinstance(value, float):
        return math.isfinite(value)
    else:
        return not isinstance(value, int) or abs(value) < 10**15
    return depth > 0 and all(_is_plain(part, depth=depth - 1) for part in parts)


class ProductQuerySet(models.QuerySet["Product"]):
    def active(self) -> "ProductQuerySet":
        return self.filter(is_active=True, merged_into=None)

    def in_category(self, category: Category) -> "ProductQuerySet":
        """Products of a category and of everything below it."""
        return self.filter(category__path__startswith=category.path)

    def with_words(self, words: str) -> "ProductQuerySet":
        """Products whose text holds every word, or a word that begins with it.

        The names of a product's categories count too, so that “lamps” finds what stands in Lamps, and
        “acme lamps” what Acme has there.
        """
        condition = found_by(words)
        return self.none() if condition is None else self.filter(condition)

    def matching(self, words: str) -> "ProductQuerySet":
        """Those `with_words`, best first."""
        return self.with_words(words).by_rank(words)

    def by_rank(self, words: str) -> "ProductQuerySet":
        """In the order of how well their texts fit the words."""
        query = prefix_query(words)
        if query is None:
            return self.none()
        ranked = self.annotate(text_rank=SearchRank(F("text"), query))
        return ranked.order_by("-text_rank", "pk")

    def sorted_by(self, sort: str) -> "ProductQuerySet":
        """By `name`, by `price` from below or by `-price` from above; what has no price comes last."""
        if sort == "name":
            return self.order_by("name", "sku")
        price = F("price")
        by_price = price.desc if sort == "-price" else price.asc
        return self.order_by(by_price(nulls_last=True), "pk")

    def by_barcode(self, text: str) -> "Product | None":
        """The active product of a GTIN in any of its lengths; a merged one leads to its heir."""
        gtin = canonical_gtin(text)
        if gtin is None:
            return None
        product = self.filter(barcode=gtin).select_related("merged_into").first()
        heir = product.heir() if product is not None else None
        return heir if heir is not None and heir.is_active else None


class Product(models.Model):
    """Something that is sold, found by its SKU, its barcode, its words or a photo."""

    sku = models.CharField(
        _("SKU"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(SKU_PATTERN, _("A SKU has no slashes and no blanks at its ends."))
        ],
        help_text=_("Your own number for this product; it never changes."),
    )
    name = models.CharField(_("name"), max_length=200)
    brand = models.CharField(_("brand"), max_length=120, blank=True)
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        related_name="products",
        verbose_name=_("category"),
    )
    description = models.TextField(
        _("description"), blank=True, validators=[MaxLengthValidator(_DESCRIPTION_LENGTH)]
    )
    attributes = models.JSONField(
        _("attributes"), default=dict, blank=True, validators=[validate_attributes]
    )
    barcode = models.CharField(
        _("barcode"),
        max_length=14,
        blank=True,
        validators=[validate_gtin],
        help_text=_("GTIN: EAN-8, UPC, EAN-13 or GTIN-14."),
    )
    price = models.DecimalField(
        _("price"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Inactive products are not found by customers.")
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    text = models.GeneratedField(
        expression=_search_vector(),  # type: ignore[arg-type]
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name", "sku"]
        indexes = [
            GinIndex(fields=["text"], name="product_text"),
            models.Index(fields=["name", "sku"], name="product_by_name"),
            models.Index(fields=["brand"], name="product_by_brand"),
            # What the counts beside a list of products read, without the products themselves.
            models.Index(
                fields=["category", "brand", "price"],
                include=["id"],
                condition=Q(is_active=True, merged_into=None),
                name="product_facets",
            ),
            models.Index(
                fields=["category", "brand", "price"],
                include=["id"],
                condition=Q(SAMPLED, is_active=True, merged_into=None),
                name="product_facets_sampled",
            ),
            models.Index(
                fields=["price", "id"],
                condition=Q(is_active=True, merged_into=None),
                name="product_by_price",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sku__regex=SKU_PATTERN),
                name="product_sku_is_clean",
                violation_error_message=_("A SKU has no slashes and no blanks at its ends."),
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"\S"),
                name="product_has_a_name",
                violation_error_message=_("A product needs a name."),
            ),
            models.CheckConstraint(
                condition=Q(barcode="") | Q(barcode__regex=GTIN_PATTERN),
                name="product_barcode_is_gtin",
                violation_error_message=_("A barcode has 8, 12, 13 or 14 digits."),
            ),
            models.UniqueConstraint(
                fields=["barcode"],
                condition=~Q(barcode=""),
                name="product_barcode_unique",
                violation_error_message=_("Another product has this barcode."),
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0),
                name="product_price_not_negative",
                violation_error_message=_("A price is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="product_not_merged_into_itself",
                violation_error_message=_("A product cannot be merged into itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.barcode = canonical_gtin(self.barcode) or self.barcode
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("products:product", kwargs={"sku": self.sku})

    def clean(self) -> None:
        super().clean()
        # One GTIN has several spellings (UPC-A with or without a leading zero); one is stored.
        self.barcode = canonical_gtin(self.barcode) or self.barcode

    def heir(self) -> "Product | None":
        """The product that this one was merged into, at the end of the chain; itself where it was
        not. None where a chain bites its tail, which forms refuse and raw SQL could write.
        """
        product, seen = self, {self.pk}
        while product.merged_into is not None:
            product = product.merged_into
            if product.pk in seen:
                return None
            seen.add(product.pk)
        return product

    @property
    def face(self) -> "Any":
        """The first photo, or None. Prefetch `images` where many products are shown."""
        return next(iter(self.images.all()), None)
