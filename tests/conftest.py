"""What tests of several parts share."""

import os

import pytest


def pytest_runtest_setup(item):
    """Skip tests of real data where there are none."""
    if item.get_closest_marker("real_data") and "BRAINLIKE_DATA" not in os.environ:
        pytest.skip("BRAINLIKE_DATA names no folder of real data")
