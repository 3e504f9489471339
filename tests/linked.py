"""What a page tells machines: its JSON-LD blocks, parsed as a search engine would."""

import json
import re
from typing import Any

_BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def linked(html: str, kind: str) -> dict[str, Any]:
    """The one block of a type; fails where there is none, or two."""
    (found,) = [block for block in map(json.loads, _BLOCK.findall(html)) if block["@type"] == kind]
    return found


def kinds(html: str) -> list[str]:
    return [json.loads(block)["@type"] for block in _BLOCK.findall(html)]
