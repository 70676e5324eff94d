"""Systems with a known truth: brains, fMRI, populations and odours."""
