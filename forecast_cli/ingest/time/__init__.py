"""From written times to instants: formats, day and month, zones, and the step of the rows."""
