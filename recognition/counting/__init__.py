"""The pages of the stores that see: finding a product by photo, and counting by photo."""
