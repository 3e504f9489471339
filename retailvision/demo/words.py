"""The shop's vocabulary: invented brands, ranges and their variants, colours."""

RGB = tuple[int, int, int]


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`a` with a share (0..1) of `b`."""
    r, g, bl = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return (r, g, bl)


# paper, ink, lead colour
PALETTES: tuple[tuple[RGB, RGB, RGB], ...] = (
    ((246, 239, 222), (38, 44, 52), (33, 82, 74)),
    ((250, 249, 246), (24, 32, 60), (28, 56, 120)),
    ((250, 230, 220), (92, 28, 44), (190, 62, 60)),
    ((36, 36, 40), (244, 236, 220), (206, 164, 94)),
    ((222, 238, 226), (20, 66, 58), (38, 130, 104)),
    ((210, 181, 141), (54, 38, 28), (112, 66, 38)),
    ((218, 233, 245), (20, 48, 88), (46, 110, 180)),
    ((245, 208, 104), (60, 38, 20), (184, 78, 28)),
    ((24, 40, 78), (246, 240, 228), (232, 114, 88)),
    ((234, 226, 245), (60, 36, 90), (122, 84, 170)),
    ((198, 102, 72), (252, 240, 224), (96, 40, 32)),
    ((30, 72, 58), (244, 240, 222), (220, 184, 98)),
    ((230, 228, 222), (46, 46, 52), (104, 112, 116)),
    ((242, 126, 106), (255, 248, 238), (122, 32, 62)),
)

_STEMS = ("Nord", "Alder", "Ember", "Fern", "Glen", "Hazel", "Lark", "Marl", "Thorn", "Wren", "Ash",
          "Bram", "Cold", "Dun", "Elm", "Frost", "Gold", "Hart", "Iron", "Kings", "Linden", "Moor",
          "Oaken", "Pen", "Quill", "Raven", "Silver", "Summer", "Tarn", "Winter")  # fmt: skip
_ENDS = ("brook", "field", "wick", "ley", "mere", "haven", "stone", "dale", "ford", "crest", "vale",
         "by", "gate", "shore", "well", "combe")  # fmt: skip
_FIRST = ("Harbour", "Fig", "Salt", "Oak", "Moss", "Copper", "Wren", "Tide", "Birch", "Clover", "Fox",
          "Sage", "Maple", "Plum", "Finch", "Cedar", "Thistle", "Pebble", "Rye", "Bramble", "Heron",
          "Olive", "Willow", "Flint")  # fmt: skip
_SECOND = ("Pine", "Otter", "Linen", "Field", "Barrel", "Lantern", "Kettle", "Sparrow", "Anchor",
           "Meadow", "River", "Hearth", "Ivy", "Marble", "Poppy", "Acorn", "Button", "Mill",
           "Garden", "Cove", "Hare", "Sons")  # fmt: skip

BRANDS: tuple[str, ...] = (
    *(stem + end for stem in _STEMS for end in _ENDS),
    *(f"{a} & {b}" for a in _FIRST for b in _SECOND),
)

Variant = tuple[str, RGB, str]  # name, colour, motif or print

_FRUIT: dict[str, Variant] = {
    "Lemon": ("Lemon", (240, 198, 40), "citrus"),
    "Orange": ("Blood Orange", (226, 88, 40), "citrus"),
    "Lime": ("Lime & Mint", (120, 174, 62), "citrus"),
    "Raspberry": ("Raspberry", (200, 36, 84), "berries"),
    "Blueberry": ("Blueberry", (64, 74, 150), "berries"),
    "Elderflower": ("Elderflower", (150, 178, 120), "flower"),
    "Hibiscus": ("Hibiscus", (190, 44, 92), "flower"),
    "Peach": ("Peach", (246, 160, 110), "fruit"),
    "Apple": ("Orchard Apple", (128, 168, 58), "fruit"),
    "Pear": ("Pear", (186, 186, 74), "fruit"),
    "Ginger": ("Ginger", (214, 152, 66), "leaf"),
    "Cherry": ("Sour Cherry", (160, 24, 48), "cherry"),
}


def _fruit(*names: str) -> tuple[Variant, ...]:
    return tuple(_FRUIT[n] for n in names)


_NUTS: tuple[Variant, ...] = (
    ("Original", (206, 170, 110), "wheat"),
    ("Vanilla", (234, 206, 130), "flower"),
    ("Chocolate", (112, 66, 44), "bean"),
    ("Barista", (74, 104, 112), "bean"),
    ("Hazelnut", (164, 110, 66), "nut"),
)
_CLOTH: tuple[Variant, ...] = (
    ("Navy", (38, 50, 84), "mountain"),
    ("Off-White", (238, 232, 218), "sun"),
    ("Forest", (44, 84, 66), "leaf"),
    ("Rust", (176, 84, 52), "wave"),
    ("Charcoal", (66, 68, 74), "fox"),
    ("Sky", (136, 178, 208), "sailboat"),
    ("Mustard", (214, 164, 56), "sun"),
    ("Rose", (214, 140, 146), "flower"),
)
_GLAZE: tuple[Variant, ...] = (
    ("Fox", (200, 98, 50), "fox"),
    ("Fern", (70, 116, 82), "leaf"),
    ("Sailboat", (52, 92, 140), "sailboat"),
    ("Mountains", (84, 98, 126), "mountain"),
    ("Poppies", (196, 60, 56), "flower"),
    ("Sunrise", (230, 160, 70), "sun"),
)

# family: (code of the SKU, category, ranges); a range: title, variants, sizes, price from and to.
Range = tuple[str, tuple[Variant, ...], tuple[str, ...], float, float]
FAMILIES: dict[str, tuple[str, str, tuple[Range, ...]]] = {
    "bottle": ("BOT", "Drinks/Bottles", (
        ("Sparkling Lemonade", _fruit("Lemon", "Orange", "Elderflower", "Raspberry", "Lime"), ("330 ml", "750 ml"), 1.8, 4.2),
        ("Cold Brew Tea", _fruit("Peach", "Hibiscus", "Lemon", "Ginger"), ("500 ml",), 2.2, 3.9),
        ("Pressed Juice", _fruit("Apple", "Pear", "Orange", "Cherry"), ("700 ml", "1 L"), 2.9, 5.5),
        ("Kombucha", _fruit("Ginger", "Blueberry", "Hibiscus", "Lime"), ("330 ml",), 2.5, 4.5),
    )),
    "can": ("CAN", "Drinks/Cans", (
        ("Sparkling Water", _fruit("Lime", "Raspberry", "Peach", "Lemon", "Blueberry"), ("330 ml",), 0.9, 1.9),
        ("Craft Soda", _fruit("Cherry", "Orange", "Ginger", "Apple"), ("250 ml", "330 ml"), 1.1, 2.4),
        ("Pale Ale", (("Citra", (232, 178, 50), "hop"), ("Session", (86, 140, 96), "hop"), ("Amber", (190, 96, 40), "wheat"), ("Night Stout", (70, 52, 48), "bean")), ("440 ml",), 1.9, 3.6),
        ("Iced Coffee", (("Latte", (200, 160, 120), "bean"), ("Mocha", (110, 66, 48), "bean"), ("Caramel", (216, 146, 60), "drop")), ("250 ml",), 1.6, 2.8),
    )),
    "carton": ("CRT", "Drinks/Cartons", (
        ("Oat Drink", _NUTS[:4], ("1 L",), 1.7, 2.9),
        ("Orchard Juice", _fruit("Apple", "Pear", "Orange", "Cherry"), ("1 L", "1.5 L"), 1.9, 3.4),
        ("Almond Drink", (_NUTS[0], _NUTS[1], _NUTS[2], _NUTS[4]), ("1 L",), 2.1, 3.2),
        ("Coconut Water", _fruit("Lime", "Peach", "Blueberry", "Ginger"), ("500 ml", "1 L"), 2.3, 3.9),
    )),
    "jar": ("JAR", "Pantry/Jars", (
        ("Fruit Spread", _fruit("Raspberry", "Blueberry", "Peach", "Cherry", "Orange"), ("240 g", "370 g"), 2.9, 5.9),
        ("Honey", (("Wildflower", (222, 150, 40), "flower"), ("Acacia", (238, 196, 96), "comb"), ("Heather", (170, 88, 40), "comb"), ("Chestnut", (128, 66, 30), "nut")), ("350 g",), 4.5, 9.5),
        ("Nut Butter", (("Almond", (196, 146, 96), "nut"), ("Hazelnut", (150, 96, 58), "nut"), ("Cashew", (224, 190, 140), "nut"), ("Cocoa", (96, 58, 40), "bean")), ("280 g",), 4.2, 7.9),
        ("Pesto", (("Basil", (92, 128, 54), "leaf"), ("Tomato", (190, 62, 36), "tomato"), ("Chilli", (166, 40, 30), "pepper")), ("190 g",), 2.9, 4.9),
    )),
    "box": ("BOX", "Pantry/Boxes", (
        ("Granola", (("Honey & Oats", (226, 170, 70), "wheat"), ("Red Berries", (186, 44, 70), "berries"), ("Cocoa", (106, 66, 48), "bean"), ("Hazelnut", (164, 110, 66), "nut")), ("400 g", "750 g"), 3.2, 6.5),
        ("Herbal Tea", (("Peppermint", (74, 150, 118), "leaf"), ("Camomile", (236, 200, 84), "flower"), ("Rosehip", (196, 56, 72), "berries"), ("Ginger", (214, 152, 66), "citrus")), ("20 bags",), 2.4, 4.8),
        ("Crackers", (("Sea Salt", (84, 130, 172), "wave"), ("Rosemary", (96, 130, 84), "leaf"), ("Tomato", (204, 74, 48), "tomato"), ("Sesame", (206, 168, 104), "wheat")), ("150 g",), 1.9, 3.6),
        ("Pasta", (("Penne", (46, 98, 160), "wheat"), ("Fusilli", (186, 60, 48), "wheat"), ("Wholegrain", (148, 100, 56), "wheat")), ("500 g",), 1.5, 3.2),
    )),
    "pouch": ("PCH", "Pantry/Coffee & Snacks", (
        ("Coffee", (("Dark Roast", (70, 44, 36), "bean"), ("House Blend", (176, 92, 50), "bean"), ("Decaf", (84, 130, 110), "bean"), ("Ethiopia", (214, 130, 50), "mountain")), ("250 g", "1 kg"), 5.5, 14.0),
        ("Trail Mix", (("Nuts & Cherry", (176, 40, 60), "cherry"), ("Cocoa", (104, 68, 48), "nut"), ("Tropical", (240, 170, 50), "sun")), ("180 g",), 2.6, 4.9),
        ("Potato Crisps", (("Sea Salt", (74, 130, 178), "wave"), ("Paprika", (206, 66, 40), "pepper"), ("Rosemary", (98, 132, 84), "leaf"), ("Vinegar", (120, 88, 150), "drop")), ("150 g",), 1.8, 3.2),
    )),
    "tube": ("TUB", "Care/Hand & Face", (
        ("Hand Cream", (("Lavender", (146, 120, 190), "flower"), ("Almond", (222, 190, 150), "nut"), ("Green Tea", (130, 172, 122), "leaf"), ("Rose", (226, 140, 150), "flower")), ("75 ml",), 3.9, 9.5),
        ("Toothpaste", (("Fresh Mint", (54, 160, 150), "leaf"), ("Charcoal", (70, 72, 80), "drop"), ("Sage", (136, 164, 118), "leaf")), ("75 ml", "100 ml"), 1.9, 4.9),
        ("Sun Cream", (("SPF 30", (250, 190, 70), "sun"), ("SPF 50", (240, 130, 60), "sun"), ("Kids SPF 50", (80, 170, 214), "wave")), ("150 ml",), 6.9, 14.5),
    )),
    "mug": ("MUG", "Home/Mugs", (
        ("Stoneware Mug", _GLAZE[:4], ("350 ml",), 9.0, 18.0),
        ("Enamel Mug", _GLAZE[2:], ("300 ml", "450 ml"), 8.0, 15.0),
        ("Latte Mug", (_GLAZE[1], _GLAZE[4], _GLAZE[5], _GLAZE[0]), ("400 ml",), 9.5, 16.0),
    )),
    "tshirt": ("TSH", "Clothing/T-shirts", (
        ("Organic Tee", (_CLOTH[1], _CLOTH[0], _CLOTH[2], _CLOTH[3]), ("M", "L"), 19.0, 35.0),
        ("Striped Tee", (_CLOTH[0], _CLOTH[3], _CLOTH[2], _CLOTH[6]), ("S", "M"), 19.0, 32.0),
        ("Graphic Tee", (_CLOTH[4], _CLOTH[5], _CLOTH[6], _CLOTH[7]), ("M",), 22.0, 39.0),
    )),
    "shoe": ("SHO", "Clothing/Shoes", (
        ("Court Sneaker", (_CLOTH[1], _CLOTH[0], _CLOTH[2], _CLOTH[7]), ("42",), 59.0, 110.0),
        ("Trail Runner", (_CLOTH[5], _CLOTH[4], _CLOTH[3], _CLOTH[6]), ("41", "43"), 79.0, 140.0),
        ("Canvas Low", (_CLOTH[6], _CLOTH[0], _CLOTH[7], _CLOTH[2]), ("40",), 45.0, 75.0),
    )),
    "bag": ("BAG", "Accessories/Bags", (
        ("Canvas Tote", (_CLOTH[1], _CLOTH[6], _CLOTH[0], _CLOTH[7]), ("14 L",), 15.0, 35.0),
        ("Day Backpack", (_CLOTH[2], _CLOTH[3], _CLOTH[4], _CLOTH[5]), ("18 L", "24 L"), 49.0, 95.0),
    )),
    "lamp": ("LMP", "Home/Lamps", (
        ("Table Lamp", (("Sage", (142, 164, 134), ""), ("Terracotta", (192, 104, 74), ""), ("Midnight", (44, 56, 86), ""), ("Chalk", (236, 230, 220), "")), ("38 cm", "52 cm"), 39.0, 95.0),
        ("Desk Lamp", (("Mustard", (222, 168, 52), ""), ("Graphite", (70, 72, 78), ""), ("Coral", (226, 112, 92), ""), ("Sky", (130, 174, 204), "")), ("45 cm",), 35.0, 79.0),
        ("Mushroom Lamp", (("Rust", (186, 92, 56), ""), ("Chalk", (238, 232, 222), ""), ("Forest", (48, 92, 74), ""), ("Rose", (220, 150, 152), "")), ("28 cm",), 35.0, 69.0),
    )),
}  # fmt: skip

PRAISE: dict[str, str] = {
    "bottle": "Made in small batches and filled in glass; serve cold.",
    "can": "Lightly sparkling, without added colours; recycle the can.",
    "carton": "Shake before pouring; keeps five days in the fridge once opened.",
    "jar": "Cooked slowly in open pans, with nothing but what the label says.",
    "box": "Baked and packed by a family mill; keep dry.",
    "pouch": "Packed within hours to keep its aroma; reseal after opening.",
    "tube": "Gentle, quickly absorbed and free of mineral oil.",
    "mug": "Fired twice, safe for dishwasher and microwave.",
    "tshirt": "Soft combed cotton with a regular fit; wash at 30 degrees.",
    "shoe": "Light on the foot, with a cushioned sole that grips.",
    "bag": "Stitched to last, with reinforced seams and an inner pocket.",
    "lamp": "Warm, dimmable light; bulb included.",
}
