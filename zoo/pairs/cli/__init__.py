"""Commands about regulator-gene pairs."""
