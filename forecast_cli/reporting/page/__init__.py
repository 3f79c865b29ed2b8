"""The report as one page of HTML, and what its plots draw."""
