"""A product's barcode as a picture that a till's scanner reads off a phone."""

import base64

import zxingcpp

_KINDS = {
    8: zxingcpp.BarcodeFormat.EAN8,
    12: zxingcpp.BarcodeFormat.UPCA,
    13: zxingcpp.BarcodeFormat.EAN13,
    14: zxingcpp.BarcodeFormat.ITF14,
}


def barcode_picture(gtin: str) -> str:
    """An SVG as a `data:` address, with quiet zones and digits; "" for what is no GTIN."""
    kind = _KINDS.get(len(gtin))
    if kind is None:
        return ""
    try:
        code = zxingcpp.create_barcode(gtin, kind)
    except ValueError:  # written past the forms
        return ""
    svg = code.to_svg(scale=2, add_hrt=True)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
