"""Where a browser says that it is, or why it does not say so."""

HERE = {"latitude": 53.5511, "longitude": 9.9937}
# The code of the browser's error, and what the page says of it.
REFUSALS = {
    "denied": (1, "Your browser keeps your location from this page."),
    "unavailable": (2, "Your browser does not know where you are."),
    "timeout": (3, "Finding out where you are took too long."),
}
