"""What the text of a table says: encoding, dialect, header, units, and how its numbers are written."""
