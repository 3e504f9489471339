"""The one exception that the door raises for a photo, and what it says."""


def gettext_noop(text: str) -> str:
    """Marks a text to be translated where it is shown, by the name that xgettext looks for."""
    return text


_ = gettext_noop

# Percent style with names, so that a site in several languages can look a template up by its text
# and fill it in afterwards. Each says what is wrong and what to do.
MESSAGES: dict[str, str] = {
    "empty": _("The file is empty. Choose the photo again."),
    "too_large": _(
        "The photo has %(megabytes)s MB; the limit is %(max_megabytes)s MB. Send a smaller version."
    ),
    "not_an_image": _(
        "This file is not a photo that can be read. Send a JPEG, PNG, WebP, HEIC, AVIF or GIF."
    ),
    "format_not_supported": _(
        "%(format)s files are not accepted. Save the photo as JPEG, PNG, WebP, HEIC, AVIF or GIF."
    ),
    "truncated": _("The photo is damaged or incomplete. Copy it again, or take another one."),
    "too_many_pixels": _(
        "The photo has %(width)s x %(height)s pixels; the limit is %(max_pixels)s pixels. "
        "Send a smaller version."
    ),
    "side_too_long": _(
        "The photo has %(width)s x %(height)s pixels; no side may be longer than %(max_side)s. "
        "Send a smaller version."
    ),
    "too_small": _(
        "The photo has only %(width)s x %(height)s pixels; each side needs at least %(min_side)s. "
        "Send a larger one."
    ),
    "too_elongated": _(
        "The photo has %(width)s x %(height)s pixels; the longer side may be at most %(max_aspect)s times the shorter. "
        "Crop it to the product."
    ),
    "too_complex": _(
        "The photo is built in an unusual way that takes too long to read. "
        "Save it again as an ordinary JPEG."
    ),
}


class PhotoRefused(ValueError):
    """A photo was not accepted.

    ``code`` is stable and a key of ``MESSAGES``; ``params`` fills its ``template``; ``str()`` is the
    filled English sentence, fit for the person who sent the photo.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params: dict[str, object] = params
        self.template = MESSAGES[code]
        super().__init__(self.template % params)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are rebuilt from args alone, which hold the sentence and not the code.
        return _rebuild, (self.code, self.params)


def _rebuild(code: str, params: dict[str, object]) -> PhotoRefused:
    return PhotoRefused(code, **params)
