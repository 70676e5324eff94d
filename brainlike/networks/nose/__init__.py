"""The fly's nose: the olfactory network, its training, and its zoo."""
