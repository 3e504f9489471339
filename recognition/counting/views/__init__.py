"""HTTP: finding products, counting, and reviewing what was counted."""
