"""Commands about perturbed cells."""
