"""What every call of the API shares: keys, scopes, rates, calls that may be repeated, versions of rows."""
