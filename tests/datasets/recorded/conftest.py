"""What the loaders' tests share."""

import pytest

from brainlike.datasets.recorded import _stand_ins


@pytest.fixture
def nothing_here(tmp_path, monkeypatch):
    """No folder of the user's, an empty cache, and no network."""
    monkeypatch.delenv("BRAINLIKE_DATA", raising=False)
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    monkeypatch.setenv("BRAINLIKE_OFFLINE", "1")
    monkeypatch.setattr(_stand_ins, "_announced", set())
