"""From bytes to a regular, checked panel: the only rooms that import DuckDB."""
