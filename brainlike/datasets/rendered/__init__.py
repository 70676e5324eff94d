"""What is made from code and seen: solids, their renderer, the sets, backgrounds, textures."""
