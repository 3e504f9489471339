"""The demo shop: products, photos and queries drawn by this code, from a seed and nothing else."""

from retailvision.demo.catalogue import DrawnCatalogue, draw_catalogue

__all__ = ["DrawnCatalogue", "draw_catalogue"]
