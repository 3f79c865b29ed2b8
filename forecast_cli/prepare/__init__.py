"""Scaling, windows, splits: NumPy, pure functions."""
