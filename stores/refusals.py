"""Why something cannot be done with the stock, in words that say what to do."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class Refusal(ValidationError):
    """A booking or a count that is refused; nothing was written. `code` is for programs."""

    code = "refused"

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message, code=code or type(self).code)

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refusal):
    """The person may not do this there."""

    code = "not_allowed"

    def __init__(self, store: Any = None) -> None:
        super().__init__(
            _("You may not do this in %(store)s.") % {"store": store}
            if store is not None
            else _("You may not do this.")
        )


class NotEnough(Refusal):
    """Stock would fall below zero."""

    code = "not_enough_stock"

    def __init__(self, *, store: Any, product: Any, there: int, asked: int) -> None:
        super().__init__(
            _("%(store)s holds %(there)d of %(product)s; %(asked)d were asked for.")
            % {"store": store, "there": there, "product": product, "asked": asked}
        )
        self.there, self.asked = there, asked


class KeyReused(Refusal):
    """An idempotency key came again with another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            _("This idempotency key was used for another request already. Use a new one.")
        )
