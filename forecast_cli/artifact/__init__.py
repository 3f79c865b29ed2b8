"""The model directory: its layout, atomic writing, safe loading."""
