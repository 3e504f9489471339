"""What stores add to the catalogue."""

from products import slots
from stores.merging import move_stock


def fill_slots() -> None:
    slots.merge_steps.append(move_stock)
