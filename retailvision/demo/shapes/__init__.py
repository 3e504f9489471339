"""The shapes of the demo shop: one module for each family of products, each with
`build(design, detail) -> Model`, where `detail` is the pixels of print over a product's height."""

from collections.abc import Callable

from retailvision.demo.designs import Design
from retailvision.demo.mesh import Model
from retailvision.demo.shapes import (
    bag,
    bottle,
    box,
    can,
    carton,
    jar,
    lamp,
    mug,
    pouch,
    shoe,
    tshirt,
    tube,
)

BUILDERS: dict[str, Callable[[Design, int], Model]] = {
    "bottle": bottle.build,
    "can": can.build,
    "carton": carton.build,
    "jar": jar.build,
    "box": box.build,
    "pouch": pouch.build,
    "tube": tube.build,
    "mug": mug.build,
    "tshirt": tshirt.build,
    "shoe": shoe.build,
    "bag": bag.build,
    "lamp": lamp.build,
}


def build(design: Design, detail: int) -> Model:
    """The product in three dimensions, in centimetres, standing on y = 0."""
    return BUILDERS[design.family](design, detail)
