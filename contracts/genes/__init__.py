"""The genes an entry knows, and how people's names for them are resolved."""
