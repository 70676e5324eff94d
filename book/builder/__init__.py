"""The steps of the build, one module a step; ``book/build.py`` runs them in order."""
