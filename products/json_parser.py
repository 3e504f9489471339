"""JSON that an API takes."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json


class TextJSONParser(JSONParser):
    """Refuses what JSON can write and nothing can hold: half a character, as in `"\\ud800"`, and
    numbers without end, as 1e999.
    """

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        data = super().parse(*args, **kwargs)
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ParseError(_("The JSON holds half a character (a lone surrogate).")) from error
        except ValueError as error:
            raise ParseError(_("The JSON holds a number that is too large.")) from error
        return data
