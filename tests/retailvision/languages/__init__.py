"""What people read is in their language, and numbers are as it writes them."""
