"""Changing the model without an outage: add, fill, rehearse, activate, roll back, retire."""
