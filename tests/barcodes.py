"""Printed barcodes for tests."""

import numpy as np
import zxingcpp
from PIL import Image


def ean13_picture(digits: str, width: int = 420) -> Image.Image:
    """An EAN-13 with its quiet zone, `width` pixels wide."""
    code = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.EAN13)
    bars = np.pad(np.asarray(code.to_image(scale=4)), 40, constant_values=255)
    image = Image.fromarray(bars).convert("RGB")
    return image.resize((width, image.height * width // image.width))
