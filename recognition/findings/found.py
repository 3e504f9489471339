"""What a check-up hands over to be written down."""

from dataclasses import dataclass, field
from typing import Any

from recognition.models import Finding

Kind = Finding.Kind


@dataclass(frozen=True, slots=True)
class Found:
    """By ids. `product` is the smaller one where both are alike before the finding."""

    kind: str
    product: int
    score: float
    other: int | None = None
    photo: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        if self.kind == Kind.MISPLACED:
            # Not the proposed product: another proposal is no other finding.
            return f"photo {self.photo} of {self.product}"
        if self.other is None:
            return f"product {self.product}"
        return f"products {min(self.product, self.other)} {max(self.product, self.other)}"
