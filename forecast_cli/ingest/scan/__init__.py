"""From the files to one table of cells: which bytes are rows, and what was left out."""
