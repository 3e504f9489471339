"""Small pictures of photos, made in the background: AVIF and WebP, and what older browsers show."""
