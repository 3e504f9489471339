"""How near a product is to a photo, from the distances of its photos. Names are kept with every
calibration, which holds for its own scoring alone: change what one means, and its number goes up.
"""

# By the nearest of its photos.
NEAREST = "nearest-photo/2"
# By the mean distance of its three nearest photos.
THREE = "nearest-three/1"
# By the distance to the mean of the vectors of all its photos (Snell, Swersky & Zemel,
# "Prototypical networks for few-shot learning", 2017).
PROTOTYPE = "prototype/1"

ALL = (NEAREST, THREE, PROTOTYPE)
