"""What is lost, doubled or of unknown fate when things break: python -m benchmarks faults."""
