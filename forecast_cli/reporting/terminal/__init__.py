"""Results as people read them in a terminal; the console draws them."""
