"""Delivery against the libraries' own ceilings, in one run: python -m benchmarks delivery."""
