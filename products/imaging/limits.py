"""What a photo may be, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLimits:
    """The limits that the door holds. All are checked before a pixel is decoded."""

    # A 12-megapixel phone photo has 3-6 MB, a 48-megapixel one up to 15: room for those, and a
    # bound on what one request may hold in memory.
    max_bytes: int = 20 * 1024 * 1024
    # Decoded RGB takes 4 bytes a pixel in Pillow, and turning or converting it needs a second
    # copy: 64 million pixels are 256 MB, twice. Phones stop at 48-50 million.
    max_pixels: int = 64_000_000
    # The longest side that WebP, one of the formats for storage, can hold; a phone's longest
    # panorama (16,382) still fits.
    max_side: int = 16_383
    # Below this there is nothing to recognise; 1x1 is a tracking pixel.
    min_side: int = 16
    # Encoders bring the shorter side to a fixed length: at 1000:1 a harmless strip of pixels would
    # become a picture 1,000 times as long as wide. Panoramas stay below 10:1.
    max_aspect: float = 20.0
    # Each scan of a progressive JPEG touches the whole picture again, so a small file of thousands
    # of scans keeps a core busy for hours. Encoders write about ten; the most thorough, under 70.
    max_scans: int = 100
    # Walking the parts of a file (segments, chunks, boxes) costs a microsecond or two each: files in
    # use have hundreds, PNG with small chunks some thousands, and 20 MB of empty ones millions.
    max_parts: int = 20_000
    # What may come before the first picture of a GIF: comments, XMP.
    max_gif_preamble: int = 1024 * 1024
    # Camera and printer profiles have 0.5 KB to 3 MB; in PNG they arrive compressed and could
    # unpack to anything. A larger profile is ignored, as a broken one is.
    max_profile_bytes: int = 4 * 1024 * 1024
