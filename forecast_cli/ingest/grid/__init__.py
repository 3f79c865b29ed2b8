"""From rows at any instant to a regular, checked panel."""
