"""Time-series forecasts for sensor data, from the command line."""

__version__ = "0.1.0"
