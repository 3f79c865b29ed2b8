"""Metrics, backtest, conformal intervals: arrays in, numbers out."""
