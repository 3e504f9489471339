"""What an encoder's patches tell: where a product may be, and what two photos have in common."""

from recognition.looking.agreement import Agreement, agree
from recognition.looking.foreground import Rectangle, foreground

__all__ = ["Agreement", "Rectangle", "agree", "foreground"]
