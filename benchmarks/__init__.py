"""Measurements, one command: `python -m benchmarks` prints tables and saves JSON in `benchmarks/results/`."""
