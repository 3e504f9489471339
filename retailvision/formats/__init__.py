"""Where the site writes dates and times otherwise than Django does for a language."""
