"""Why something cannot be done with the catalogue, in words that say what to do."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class Refusal(ValidationError):
    """As things stand it cannot be done; nothing was written. `code` is for programs."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code=code)

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refusal):
    """The person may not do this."""

    def __init__(self, permission: str) -> None:
        super().__init__(
            _("You may not do this: it needs the permission %(name)s.") % {"name": permission},
            "not_allowed",
        )
