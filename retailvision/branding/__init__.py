"""What makes the site look like its retailer's: a logo, an icon, a colour. Nothing of it is stored."""

from dataclasses import dataclass

from retailvision.branding.colors import brand_sheet
from retailvision.branding.pictures import BrandFile, BrandPicture


@dataclass(frozen=True, slots=True)
class Brand:
    """The retailer's own, each in place of ours; None: ours."""

    logo: BrandPicture | None = None
    own_icon: BrandPicture | None = None
    sheet: BrandFile | None = None

    @property
    def icon(self) -> BrandPicture | None:
        """What browsers show beside the name of a page: a square logo serves as well."""
        return self.own_icon or (self.logo if self.logo and self.logo.is_square else None)

    @property
    def files(self) -> dict[str, BrandFile]:
        """What pages are made of, by the name in their addresses."""
        pictures = [each.file for each in (self.logo, self.icon) if each]
        return {each.name: each for each in [*pictures, *([self.sheet] if self.sheet else [])]}


def brand_of(logo: BrandPicture | None, icon: BrandPicture | None, color: str) -> Brand:
    """`color`: as in `#c8102e`, or ""."""
    sheet = BrandFile("colors", ".css", "text/css", brand_sheet(color).encode()) if color else None
    return Brand(logo, icon, sheet)
