"""The zoo over HTTP: one BentoML service, its catalogue, its limits and its errors.

Start it with `zoo serve`. Nothing is imported here, so that the command starts without BentoML.
"""
