"""Losses that several architectures use."""
