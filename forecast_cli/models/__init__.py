"""Forecasters, naive or neural: windows of history in, futures out."""
