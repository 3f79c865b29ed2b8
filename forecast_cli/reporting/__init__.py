"""Results as HTML, Markdown, JSON and tables."""
