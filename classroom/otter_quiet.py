"""Import otter without the warnings of its widgets.

Otter imports ipylab for a save button; ipylab 1.1 gives traitlets types where it wants instances,
which warns once a process. The button is not used here, and the warning is not ours to mend.
"""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "Traits should be given as instances", DeprecationWarning)
    import otter
    from otter.assign import main as otter_assign
    from otter.test_files import ExceptionTestFile
    from otter.test_files.abstract_test import TestCaseResult

__all__ = ["ExceptionTestFile", "TestCaseResult", "otter", "otter_assign"]
