"""What we do to a representation to see what it holds."""
