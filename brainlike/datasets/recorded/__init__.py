"""Real data: the registry of files, how they are fetched, and one loader a set."""
