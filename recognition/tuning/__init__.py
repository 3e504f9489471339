"""Which crops, which adapter, which scoring: found by holding photos out, proposed, never applied by
itself.
"""
