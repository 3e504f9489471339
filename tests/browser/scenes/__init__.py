"""Every page of customers and clerks, in every state: what the accessibility tests look at and the
screenshots show. A new page, or a new state of one, is one function here.
"""

from tests.browser.scenes import (
    categories,
    clerk,
    counting,
    errors,
    frame,
    products,
    search,
    stores,
)
from tests.browser.scenes.catalogue import SCENES, Audience, Scene
from tests.browser.scenes.stage import Stage, open_stage
from tests.browser.scenes.world import World, build_world

__all__ = ["SCENES", "Audience", "Scene", "Stage", "World", "build_world", "open_stage"]
_REGISTERED = (frame, search, products, categories, stores, errors, clerk, counting)
