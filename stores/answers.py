"""What the stock pages answer to a form: to a browser, and to the script that keeps what was entered
until it has arrived (`static/retailvision/stock/queue.js`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from stores.forms import OnceForm
from stores.refusals import KeyReused, NotAllowed, Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """Where a form that was taken leads to, and what is said of it. `is_said_there`: the page that it
    leads to says so by itself. `again`: it had been taken before, and was not taken twice.
    """

    address: str
    said: str = ""
    is_said_there: bool = False
    again: bool = False


def wants_json(request: HttpRequest) -> bool:
    """Whether a script of ours asks, which goes on or tells by itself."""
    return request.headers.get("Accept", "").startswith("application/json")


def go_on(
    request: HttpRequest, address: str, said: str = "", *, again: bool = False
) -> HttpResponse:
    """Where a form that was taken leads to."""
    if not wants_json(request):
        return redirect(address)
    told = ({"said": said} if said else {}) | ({"again": True} if again else {})
    return JsonResponse({"next": address} | told)


def answer_form(
    request: HttpRequest,
    form: OnceForm,
    use_case: Callable[[], T],
    *,
    done: Callable[[T], Done],
    page: Callable[[int], HttpResponse],
) -> HttpResponse:
    """Does what a form asks, or says what is wrong: by its page with a status, or to the script.

    Raises:
        PermissionDenied: the person may not do this there.
    """
    status = 400
    if form.is_valid():
        result = attempt(form, use_case)
        if result is not None:
            return _gone_on(request, form, done(result))
        status = 409
    return JsonResponse(form.refusal(), status=status) if wants_json(request) else page(status)


def _gone_on(request: HttpRequest, form: OnceForm, done: Done) -> HttpResponse:
    # What comes late is told by the script, on whatever page it is then.
    if done.said and not done.is_said_there and form.happened_at is None:
        messages.success(request, done.said)
    return go_on(request, done.address, done.said, again=done.again)


def attempt(form: OnceForm, use_case: Callable[[], T]) -> T | None:
    """What a use case returns; None, with the reason at the form, where it refuses.

    Raises:
        PermissionDenied: the person may not do this there.
    """
    try:
        return use_case()
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except KeyReused:
        form.renew_key()
        form.add_error(
            None,
            _(
                "This form was booked already, with other entries. Look at what was booked, then"
                " send it again if this is to be booked too."
            ),
        )
    except Refusal as error:
        form.add_error(None, error)
    return None


def common(form: OnceForm, actor: Any) -> dict[str, Any]:
    """What every use case of the ledger is told of a form."""
    return {
        "actor": actor,
        "idempotency_key": form.cleaned_data["key"],
        "happened_at": form.happened_at,
    }
