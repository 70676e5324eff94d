"""A toy assignment, and submissions to it made by code: honest, odd and hostile.

A hostile submission is a function with the decorator `hostile`. It says what the submission
deserves and what the grader must notice (a pattern in status and remarks); where nothing can be
noticed its docstring says why.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TERMS = ("2027-spring", "2027-fall")  # that the tests make real assignments for
MARKER = "quetzal-4711-hidden"  # stands in hidden tests and nowhere a submission may look
_SPLIT = '"quetzal-" + "4711-hidden"'  # how hostile code names it without holding it
POINTS = {"q1": 2, "q2": 4, "q3": 2}
FULL = 8.0

_TESTS = {
    "q1": f'''
from otter.test_files import test_case
name = "q1"
points = 2

@test_case(points=0, hidden=False)
def test_shape(squares):
    from brainlike.assignments import expect_array
    expect_array(squares, "squares", (10,))

@test_case(points=2, hidden=True)
def test_values(squares):
    import numpy as np
    from brainlike.assignments import expect_close
    secret = "{MARKER}"
    expect_close(squares, np.arange(10.0) ** 2, "squares")
''',
    "q2": f'''
from otter.test_files import test_case
name = "q2"
points = 4

@test_case(points=1, hidden=False)
def test_small(normalize):
    import numpy as np
    from brainlike.assignments import expect_close
    expect_close(normalize(np.array([[1.0], [3.0]])), [[-1.0], [1.0]], "normalize(x)")

@test_case(points=3, hidden=True)
def test_large(normalize):
    import numpy as np
    from brainlike.assignments import expect_close
    secret = "{MARKER}"
    x = np.random.default_rng(4711).normal(size=(50, 3))
    expected = (x - x.mean(axis=0)) / x.std(axis=0)
    expect_close(normalize(x), expected, "normalize(x)")
''',
    "q3": f'''
from otter.test_files import test_case
name = "q3"
points = 2

@test_case(points=0, hidden=False)
def test_number(n_parameters):
    from brainlike.assignments import expect_number
    expect_number(n_parameters, "n_parameters")

@test_case(points=2, hidden=True)
def test_value(n_parameters):
    secret = "{MARKER}"
    from brainlike.assignments import expect_close
    expect_close(n_parameters, 42, "n_parameters")
''',
}
ANSWERS = {
    "q1": "squares = np.arange(10) ** 2",
    "q2": "def normalize(x):\n    return (x - x.mean(axis=0)) / x.std(axis=0)",
    "q3": "n_parameters = 42",
}
STUBS = {
    "q1": "squares = ...",
    "q2": "def normalize(x):\n    ...",
    "q3": "n_parameters = ...",
}
_HEAD = (
    'import otter\ngrader = otter.Notebook("toy.ipynb")',
    'import numpy as np\nterm = "spring"',
)


def write_assignment(folder: Path) -> Path:
    """Write the toy assignment's grading folder and return it."""
    (folder / "tests").mkdir(parents=True)
    questions = []
    for name, source in _TESTS.items():
        (folder / "tests" / f"{name}.py").write_text(source)
        entry = {"name": name, "title": f"Question {name}", "points": POINTS[name]}
        questions.append({**entry, "manual": False, "tests": [f"{name}.py"], "rubric": None})
    written = {"name": "q4", "title": "In words", "points": 5, "manual": True, "tests": []}
    questions.append({**written, "rubric": "Says <why> it is so."})
    record = {"assignment": "toy", "term": "spring", "title": "Toy", "questions": questions}
    (folder / "questions.json").write_text(json.dumps(record))
    return folder


def notebook(*before: str, answers: dict[str, str] = STUBS, after: tuple[str, ...] = ()) -> dict:
    """Return a notebook: its head, cells of one's own, the answers with checks, more cells."""
    code = [*_HEAD, *before]
    for name, source in answers.items():
        code += [source, f'grader.check("{name}")']
    cells = [code_cell(source) for source in [*code, *after]]
    cells += [
        {"cell_type": "markdown", "metadata": {}, "source": "<!-- BEGIN QUESTION -->\n\nWhy?"},
        {
            "cell_type": "markdown",
            "metadata": {"tags": ["otter_answer_cell"]},
            "source": "Because <script>alert(1)</script> of this.",
        },
        {"cell_type": "markdown", "metadata": {}, "source": "<!-- END QUESTION -->"},
    ]
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "otter": {"OK_FORMAT": False, "assignment_name": "toy", "tests": {}},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def code_cell(source: str) -> dict:
    """Return one code cell without outputs."""
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


@dataclass(frozen=True)
class Hostile:
    """One hostile or odd submission: what it is, what it deserves, what must be noticed."""

    name: str
    make: Callable[[], dict | bytes | Callable[[Path], None]]
    earns: float
    noticed: str | None
    ending: str

    @property
    def entry(self) -> str:
        """The name that the table of grades shows."""
        return self.name + (self.ending if self.ending == ".txt" else "")

    def write(self, folder: Path) -> None:
        """Put the submission into a folder of submissions."""
        content = self.make()
        path = folder / (self.name + self.ending)
        if callable(content):
            content(path)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(json.dumps(content), encoding="utf-8")


HOSTILE: list[Hostile] = []


def hostile(earns: float = 0.0, noticed: str | None = None, ending: str = ".ipynb"):
    """Enter a function that makes a submission into `HOSTILE`."""

    def enter(make):
        assert noticed or make.__doc__, f"{make.__name__}: say why nothing can be noticed"
        HOSTILE.append(Hostile(make.__name__, make, earns, noticed, ending))
        return make

    return enter


# --- the grader, the tests, the machine -----------------------------------------------------


@hostile(noticed="replaced or deleted the variable grader")
def overwrites_grader():
    return notebook("class G:\n    def check(self, *a): return 'passed'\ngrader = G()")


@hostile()
def fakes_otter():
    """Nothing happens: the otter it changes is a stand-in that decides nothing."""
    return notebook(
        "otter.Notebook.check = lambda *a, **k: 'all passed'\n"
        "otter.Notebook.score = 100\ngrader.results = {'q1': 2}"
    )


@hostile(noticed="listed the folder /")
def searches_the_file_system():
    return notebook(
        f"""
import os, sys
word = ({_SPLIT}).encode()
skip = ("/proc", "/usr", "/lib", "/bin", "/sbin", "/etc", "/dev", "/opt/cache", "/opt/data")
skip += (sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix))
for folder, below, names in os.walk("/"):
    below[:] = [b for b in below if not os.path.join(folder, b).startswith(skip)]
    for name in names:
        path = os.path.join(folder, name)
        if name in ("questions.json", "grades.csv") or name.endswith("-autograder.zip"):
            print("FOUND", path)
        try:
            if word in open(path, "rb").read():
                print("FOUND", path, word)
        except OSError:
            pass
"""
    )


@hostile(noticed="opened /proc/1/environ")
def reads_other_processes():
    return notebook(
        """
import os, glob
print(sorted(p for p in os.listdir("/proc") if p.isdigit()))
for pid in (1, os.getppid(), 2, 3):
    for what in ("environ", "cmdline", "maps", "mountinfo", "fd", "root", "cwd", "mem"):
        path = f"/proc/{pid}/{what}"
        try:
            print(path, os.listdir(path) if what in ("fd", "root", "cwd") else open(path).read())
        except Exception as error:
            print(path, error)
for path in glob.glob("/proc/1/root/*") + glob.glob("/proc/1/cwd/*"):
    print(path)
"""
    )


@hostile()
def prints_its_environment():
    """Reading one's own environment leaves no trace, and it holds nothing of the grader's."""
    return notebook("import os, sys\nprint(dict(os.environ), sys.argv, sys.path, os.getcwd())")


@hostile(noticed="listed the folder /proc/self/fd")
def reads_inherited_descriptors():
    return notebook(
        """
import os
for name in sorted(os.listdir("/proc/self/fd"), key=int):
    try:
        print(name, os.readlink("/proc/self/fd/" + name))
        os.set_blocking(int(name), False)
        print(os.pread(int(name), 10000, 0))
    except OSError as error:
        print(error)
"""
    )


@hostile(noticed="inspected the interpreter")
def searches_the_heap():
    return notebook(
        f"""
import gc, inspect, sys
word = {_SPLIT}
for thing in gc.get_objects():
    try:
        if type(thing) is dict and any(word in v for v in list(thing.values()) if type(v) is str):
            if thing is not globals():
                print("FOUND", thing)
        elif inspect.isfunction(thing) and word in str(thing.__code__.co_consts):
            print("FOUND", thing.__code__.co_consts)
    except Exception:
        pass
frame = inspect.currentframe()
while frame:
    print(frame.f_code.co_filename, [k for k in frame.f_locals if "test" in k or "expect" in k])
    frame = frame.f_back
"""
    )


@hostile()
def searches_its_memory():
    """Reading one's own memory is no event; the tests were never in this process."""
    return notebook(
        f"""
parts = ({_SPLIT}).encode().split(b"4711")
for line in open("/proc/self/maps"):
    span, mode = line.split()[:2]
    if "r" in mode and ("heap" in line or "stack" in line):
        low, high = (int(x, 16) for x in span.split("-"))
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(low)
            content = memory.read(high - low)
        at = content.find(b"secret = ")
        print(at, content[at:at + 60] if at >= 0 else "")
"""
    )


@hostile()
def looks_up_the_caller():
    """Frames leave no trace: the caller of a student's function is the worker, not the test."""
    return notebook(
        answers={
            **STUBS,
            "q2": """
def normalize(x):
    import inspect
    for record in inspect.stack():
        print(record.filename, record.code_context)
        for name, value in record.frame.f_locals.items():
            print(name, repr(value)[:200])
            if name == "expected":
                return value
    return x""",
        }
    )


@hostile(noticed="listed the folder /")
def reads_another_students_folder():
    return notebook(
        """
import glob, os
for pattern in ("../*", "../../*", "/tmp/*", "/home/*", "/tmp/**/*.ipynb"):
    for path in glob.glob(pattern, recursive=True):
        print(path)
        if path.endswith(".ipynb") and "toy" not in path:
            print("FOUND", open(path).read())
print(os.listdir("/"))
"""
    )


# --- numpy, builtins, assert, the checking helpers ------------------------------------------


@hostile(noticed="replaced numpy.allclose")
def replaces_numpy():
    return notebook(
        "for name in ('allclose', 'isclose', 'array_equal', 'isfinite', 'abs', 'all'):\n"
        "    setattr(np, name, lambda *a, **k: True)\n"
        "np.testing.assert_allclose = lambda *a, **k: None\n"
        "np.asarray = np.array = lambda *a, **k: np.arange(10.0) ** 2",
    )


@hostile(noticed="replaced builtins.abs")
def replaces_builtins():
    return notebook(
        "import builtins\n"
        "builtins.abs = lambda x: 0\nbuiltins.all = builtins.any = lambda x: True\n"
        "builtins.round = lambda x: 42"
    )


@hostile(noticed="its process ended itself")
def replaces_builtins_beyond_repair():
    return notebook(
        "import builtins\nbuiltins.isinstance = lambda *a: True\n"
        "builtins.AssertionError = type('AssertionError', (BaseException,), {})\n"
        "builtins.float = lambda x: 42.0"
    )


@hostile(noticed="replaced brainlike.assignments.expect_close")
def replaces_the_checks():
    return notebook(
        "import brainlike.assignments as b\n"
        "for name in dir(b):\n"
        "    if name.startswith('expect'): setattr(b, name, lambda *a, **k: a[0])"
    )


@hostile(noticed="added an import hook")
def hooks_imports():
    return notebook(
        """
import sys, types
class Hook:
    def find_spec(self, name, path=None, target=None):
        return None
sys.meta_path.insert(0, Hook())
fake = types.ModuleType("otter.test_files")
fake.test_case = lambda **k: lambda f: None
sys.modules["otter.test_files"] = fake
sys.modules["numpy.testing"] = fake
"""
    )


@hostile(noticed="replaced the module numpy")
def replaces_the_module_numpy():
    return notebook("import sys, types\nsys.modules['numpy'] = types.ModuleType('numpy')")


@hostile(noticed=r"errors in code cells .*TypeError")
def breaks_array_comparison():
    return notebook("np.ndarray.__eq__ = lambda self, other: True")


@hostile(noticed="inspected the interpreter|sys.settrace")
def traces_everything():
    return notebook("import sys\nsys.settrace(lambda *a: None)")


@hostile(noticed="inspected the interpreter")
def replaces_the_worker():
    return notebook(
        """
import gc
workers = [o for o in gc.get_objects() if type(o).__name__ == "Worker"]
for worker in workers:
    type(worker).do_get = lambda self, r: {"found": True, "value": True}
    type(worker).do_call = lambda self, r: r["arguments"][0] == r["arguments"][0]
print(len(workers), "replaced")
"""
    )


# --- answers that lie ------------------------------------------------------------------------

_LIAR = """
class Liar{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __sub__(self, other): return self
    __rsub__ = __add__ = __abs__ = lambda self, *a: self
    def __bool__(self): return True
    def __len__(self): return 10
    def __float__(self): return 42.0
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
"""


@hostile()
def lies_about_equality():
    """An object that is no plain data arrives as unreadable, which is equal to nothing."""
    lie = _LIAR.format(base="")
    return notebook(lie, after=("squares = n_parameters = normalize = Liar()",))


@hostile()
def lies_as_an_array():
    """What crosses is what `__array__` gives, once, if anything: it is the answer then."""
    return notebook(
        _LIAR.format(base="(np.ndarray)").replace("def __getattr__", "def _no"),
        after=(
            "squares = np.zeros(10).view(Liar)\nn_parameters = np.zeros(()).view(Liar)\n"
            "normalize = lambda x: np.zeros(x.shape).view(Liar)",
        ),
    )


@hostile()
def lies_as_a_float_and_a_text():
    """Subclasses arrive as the number and the text that they are."""
    return notebook(
        _LIAR.format(base="(float)").replace("def __getattr__", "def _no"),
        _LIAR.format(base="(str)").replace("Liar", "Text").replace("def __getattr__", "def _no"),
        after=("n_parameters = Liar(7)\nsquares = [Text('81')] * 10",),
    )


@hostile()
def answers_nan():
    """A wrong answer, nothing more."""
    return notebook(
        after=(
            "squares = np.full(10, np.nan)\nn_parameters = float('nan')\n"
            "normalize = lambda x: np.full(x.shape, np.inf)",
        )
    )


@hostile()
def answers_by_broadcasting():
    """A wrong answer, nothing more."""
    return notebook(
        after=("squares = np.zeros((0, 10))\nn_parameters = []\nnormalize = lambda x: np.zeros(0)",)
    )


@hostile()
def answers_with_every_value():
    """A wrong answer, nothing more."""
    return notebook(
        after=(
            "n_parameters = np.arange(100)\nsquares = {i: i * i for i in range(10)}\nnormalize = 3",
        )
    )


@hostile(earns=1)
def tells_hidden_from_public_by_shape():
    """Allowed: it sees the data of both tests and earns what it computes, the public point."""
    return notebook(
        answers={
            **STUBS,
            "q2": "def normalize(x):\n    return x - 2 if x.shape == (2, 1) else 'no idea'",
        }
    )


# --- exits, signals, processes ---------------------------------------------------------------


@hostile(earns=FULL, noticed=r"errors in code cells .*SystemExit")
def exits_early():
    return notebook("import sys\nsys.exit(0)", "raise SystemExit('100 points')", answers=ANSWERS)


@hostile(noticed=r"error: in code cell 9, its process ended itself \(exit status 0\)")
def exits_hard():
    return notebook(answers=ANSWERS, after=("import os\nos._exit(0)",))


@hostile(earns=3, noticed="in the tests of q2, its process ended itself")
def exits_in_a_function():
    answers = {**ANSWERS, "q2": "def normalize(x):\n    import os\n    if len(x) > 2: os._exit(0)"}
    answers["q2"] += "\n    return x - 2"
    return notebook(answers=answers)


@hostile(earns=FULL - POINTS["q2"])
def raises_exit_in_a_function():
    """The test of that question fails, with SystemExit as its message."""
    return notebook(answers={**ANSWERS, "q2": "def normalize(x):\n    raise SystemExit(0)"})


@hostile(noticed="sent signal 9 to process")
def kills_processes():
    return notebook(
        """
import os, signal
for pid in (1, os.getppid(), -1, 0):
    for what in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, what) if pid > 0 else None
        except OSError as error:
            print(error)
""",
        "import os\nos.killpg(0, 9)",
    )


@hostile(noticed="error: in code cell 4, it did not stop within 1 s of being interrupted")
def ignores_signals():
    return notebook(
        """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, lambda *a: None)
    except (OSError, ValueError):
        pass
""",
        "import time\nwhile True:\n  try: time.sleep(60)\n  except BaseException: pass",
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed="forked its process")
def forks_and_runs_on():
    return notebook("import os\npid = os.fork()", answers=ANSWERS)


@hostile(noticed="processes at once|took more than")
def bombs_with_forks():
    return notebook(
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError: pass",
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed="left processes running")
def leaves_a_daemon():
    return notebook(
        """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(0.1)
    os._exit(0)
""",
        answers=ANSWERS,
    )


@hostile(earns=FULL)
def starts_threads():
    """Threads that write to variables while tests run: they change only what it answers."""
    return notebook(
        "import threading, time\n"
        "def spin():\n    while True: time.sleep(0.01)\n"
        "for _ in range(20): threading.Thread(target=spin, daemon=True).start()",
        answers=ANSWERS,
    )


@hostile(noticed="in code cell 3, its process was killed")
def uses_the_shell_to_kill():
    return notebook("!kill -9 1; kill -9 -1", "x = 1", answers=ANSWERS)


# --- results and the channel -----------------------------------------------------------------


@hostile(noticed="opened .*/grades.csv")
def writes_the_results():
    return notebook(
        """
import json
for path in ("grades.csv", "results.json", "/tmp/grades.csv", "/autograder/results/results.json"):
    try:
        open(path, "w").write("name,total\\nwrites_the_results,1000")
    except OSError as error:
        print(error)
"""
    )


_CHANNEL = """
import gc, inspect, socket, struct, sys
channel = [o for o in gc.get_objects() if type(o) is socket.socket and o.fileno() > 0][0]
worker = [o for o in gc.get_objects() if type(o).__name__ == "Worker"][0]
serving = [f for f in gc.get_objects() if inspect.isframe(f) and "request" in f.f_locals]
seq = serving[0].f_locals["request"]["seq"] if serving else 4
from classroom.values import pack
"""


@hostile(noticed="error: in code cell 3, it sent something other than plain data")
def writes_garbage_to_the_channel():
    return notebook(_CHANNEL + "channel.send(b'points: 100' * 100)", answers=ANSWERS)


@hostile(noticed="it sent something other than plain data")
def forges_replies():
    return notebook(
        _CHANNEL + "for n in range(50):\n"
        "    channel.send(pack({'seq': seq + n, 'value': {'found': True, 'value': 42,"
        " 'points': 100, 'total': 100}, 'notes': []}, None))",
        answers=ANSWERS,
    )


@hostile(earns=2, noticed="error: .*it sent something other than plain data")
def forges_the_reply_to_a_call():
    """It is a function's own answer in other clothes; the reply too many gives it away."""
    code = """
def normalize(x):
    values = __import__("classroom.values").values
    pack = values.pack
    def twice(reply, other):
        frame = pack({**reply, "value": "points: 100"}, other)
        worker.channel.send(frame)
        return frame
    sys.modules["__main__"].__dict__["worker"] = worker
    type(worker)._send.__globals__["pack"] = twice
    return x"""
    return notebook(_CHANNEL, answers={**STUBS, "q1": ANSWERS["q1"], "q2": code})


@hostile(noticed="it sent something other than plain data")
def announces_a_huge_message():
    return notebook(_CHANNEL + "channel.send(struct.pack('>4sIQ', b'BLv1', 2**32 - 1, 2**60))")


@hostile(noticed="it sent something other than plain data")
def sends_a_pickle():
    command = f"touch {os.environ.get('TEST_ESCAPE', 'escaped.txt')}"
    return notebook(
        _CHANNEL + "import pickle, os\n"
        f"class Evil:\n    def __reduce__(self): return os.system, ({command!r},)\n"
        "content = pickle.dumps(Evil())\n"
        "channel.send(struct.pack('>4sIQ', b'BLv1', len(content), 0) + content)",
    )


@hostile(noticed="it closed its connection|its process ended itself")
def closes_the_channel():
    return notebook("import os\nos.closerange(0, 100)", answers=ANSWERS)


@hostile(noticed="its process ended itself")
def closes_the_channel_and_waits():
    return notebook(_CHANNEL + "import time\nchannel.close()\ntime.sleep(60)", answers=ANSWERS)


@hostile(earns=FULL, noticed="errors in code cells")
def closes_its_output():
    return notebook(
        "import sys\nsys.stdout.close()\nsys.stderr.close()",
        "print('still here')\n1 / 0",
        answers=ANSWERS,
    )


# --- too much ----------------------------------------------------------------------------------


@hostile(earns=FULL, noticed=r"printed \d+\.\d MB that were dropped")
def prints_a_gigabyte():
    return notebook(
        "line = 'x' * 10_000_000\nfor _ in range(100): print(line)",
        answers=ANSWERS,
    )


@hostile(noticed="interrupted after")
def prints_without_end():
    return notebook("while True: print('spam ' * 1000)")


@hostile()
def answers_with_huge_values():
    """Values beyond a limit are not sent; the message of the failing test says so."""
    return notebook(
        after=(
            "squares = np.zeros(20_000_000)\nn_parameters = 10 ** 1_000_000\n"
            "normalize = lambda x: 'x' * 100_000_000",
        )
    )


@hostile()
def answers_with_a_long_integer():
    """As above: 10^7 digits are not sent."""
    return notebook(after=("n_parameters = 1 << 33_219_281",))


@hostile()
def answers_with_bottomless_lists():
    """As above: lists within lists are sent to a depth of 20, or not at all."""
    return notebook(
        after=(
            "squares = []\nsquares.append(squares)\nn_parameters = [1]\n"
            "for _ in range(100_000): n_parameters = [n_parameters]\n"
            "def normalize(x):\n    d = {}\n    d[0] = (d,)\n    return d",
        )
    )


@hostile(earns=FULL, noticed="MemoryError")
def takes_memory_at_once():
    return notebook("hog = np.ones(10**10)", "hog = bytearray(10**11)", answers=ANSWERS)


@hostile(noticed="MB of memory")
def takes_memory_in_many_processes():
    return notebook(
        "import os, time\nfor _ in range(8):\n"
        "    if os.fork() == 0:\n        hog = np.ones(10_000_000)\n        time.sleep(60)",
        *["time.sleep(3)"] * 3,
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed=r"errors in code cells .*OSError")
def fills_the_disk():
    return notebook(
        "with open('big', 'wb') as stream:\n    for _ in range(1000): stream.write(bytes(10**7))",
        "for n in range(1000): open(f'/dev/shm/{n}', 'wb').write(bytes(10**7))",
        "import os, glob\nfor path in glob.glob('/dev/shm/*') + ['big']: os.remove(path)",
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed="interrupted after")
def loops_in_a_cell():
    return notebook("while True: pass", answers=ANSWERS)


@hostile(earns=FULL - POINTS["q2"])
def loops_in_a_function():
    """The tests of that question fail: took too long."""
    return notebook(answers={**ANSWERS, "q2": "def normalize(x):\n    while True: pass"})


@hostile(earns=FULL)
def loops_at_the_end():
    """The process is ended by force and never comes to its exit handlers."""
    return notebook(
        "import atexit\ndef forever():\n    while True: pass\natexit.register(forever)",
        "class Slow:\n    def __del__(self): forever()\nslow = Slow()",
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed="RecursionError")
def recurses():
    return notebook("def f(n):\n    return f(n + 1)\nf(0)", answers=ANSWERS)


# --- network, files, the shell -----------------------------------------------------------------


@hostile(noticed="tried to reach the network")
def uses_the_network():
    port = os.environ.get("TEST_LOOPBACK_PORT", "80")
    return notebook(
        f"""
import socket, urllib.request
for address in (("127.0.0.1", {port}), ("10.0.2.2", 80), ("169.254.169.254", 80)):
    try:
        with socket.create_connection(address, timeout=1) as line:
            line.settimeout(1)
            print("CONNECTED", address, line.recv(100))
    except OSError as error:
        print(address, error)
try:
    print("CONNECTED", urllib.request.urlopen("http://example.com", timeout=1).status)
except OSError as error:
    print(error)
try:
    print("CONNECTED", socket.getaddrinfo("example.com", 80))
except OSError as error:
    print(error)
"""
    )


@hostile(earns=FULL, noticed="deleted the folder /home/student")
def deletes_files():
    return notebook(
        """
import shutil, os, sys
for path in ("/home/student", os.path.dirname(np.__file__), sys.prefix, "/usr/bin", "/opt"):
    shutil.rmtree(path, ignore_errors=True)
""",
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed="started a program")
def deletes_everything_by_shell():
    return notebook(
        "%%bash\nrm -rf ~/* /tmp/* /opt/grader /usr/bin /etc 2>/dev/null; true", answers=ANSWERS
    )


@hostile(earns=FULL, noticed="made a link to /etc")
def makes_links_out():
    return notebook(
        "import os\nos.symlink('/etc', 'etc')\nos.symlink('/', 'root')\n"
        "print(os.path.exists('etc/shadow'), os.path.exists('root/etc/passwd'))",
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed="tried to write /usr")
def writes_outside():
    return notebook(
        """
import os
for path in ("/usr/x", "/x", "/opt/grader/x", np.__file__, "/dev/x", "/proc/sys/kernel/x"):
    try:
        open(path, "a").write("x")
        print("WROTE", path)
    except OSError as error:
        print(path, error)
""",
        answers=ANSWERS,
    )


@hostile(earns=FULL, noticed=r"errors in code cells .*EOFError")
def asks_for_input():
    return notebook("input('password? ')", "breakpoint()", answers=ANSWERS)


@hostile(noticed="replaced or deleted the variable grader")
def resets_its_variables():
    return notebook(answers=ANSWERS, after=("%reset -f",))


@hostile(earns=FULL)
def tries_to_gain_rights():
    """Fails inside the kernel, without a trace here: no capability, no new namespace."""
    return notebook(
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name, result in {
    "unshare": libc.unshare(0x10000000),
    "mount": libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "setuid": libc.setuid(0),
    "chroot": libc.chroot(b"/tmp"),
}.items():
    print(name, "ALLOWED" if result == 0 else os.strerror(ctypes.get_errno()))
""",
        answers=ANSWERS,
    )


# --- files that are odd ------------------------------------------------------------------------


def _bytes(content: dict) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


@hostile(noticed="error: it is a symbolic link")
def is_a_link():
    return lambda path: path.symlink_to(path.with_name("honest_first.ipynb"))


@hostile(noticed="its notebook is a symbolic link", ending="")
def holds_a_link():
    def make(path):
        path.mkdir()
        (path / "toy.ipynb").symlink_to("../honest_first.ipynb")

    return make


@hostile(noticed="error: it is not a regular file")
def is_a_named_pipe():
    return lambda path: os.mkfifo(path)


def _zip(*members: tuple[str, bytes, int]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return stream.getvalue()


@hostile(earns=FULL, noticed="paths that lead out of it", ending=".zip")
def leads_out_of_its_zip():
    honest = _bytes(notebook(answers=ANSWERS))
    return _zip(("../../escaped.txt", b"x", 0o644), ("toy.ipynb", honest, 0o644))


@hostile(noticed="in the zip file is a symbolic link", ending=".zip")
def links_in_its_zip():
    return _zip(("toy.ipynb", b"../honest_first.ipynb", 0o120777))


@hostile(noticed="larger than 50 MB", ending=".zip")
def is_a_zip_bomb():
    return _zip(("toy.ipynb", b" " * 60 * 2**20, 0o644))


@hostile(noticed="the zip file cannot be read", ending=".zip")
def is_no_zip():
    return b"PK\x03\x04 this is no zip"


@hostile(noticed="error: its kernel is R, not Python")
def uses_r():
    content = notebook(answers=ANSWERS)
    content["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    return content


@hostile(noticed="error: its kernel is julia, not Python")
def uses_julia():
    content = notebook(answers=ANSWERS)
    content["metadata"] = {"language_info": {"name": "julia"}}
    return content


@hostile(noticed="error: it has no code cell")
def is_an_empty_notebook():
    return {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@hostile(noticed="error: it is empty")
def is_an_empty_file():
    return b""


@hostile(noticed="error: it is not a notebook")
def is_not_json():
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@hostile(noticed="error: it is not a notebook")
def is_cut_off():
    return _bytes(notebook(answers=ANSWERS))[:500]


@hostile(noticed="error: it is not a notebook")
def is_nested_json():
    return b"[" * 1_000_000


@hostile(noticed="error: it is neither a notebook", ending=".txt")
def is_a_text_file():
    return b"my answers: 42"


@hostile(earns=FULL, noticed="its metadata name no assignment")
def is_of_format_3():
    cells = notebook(answers=ANSWERS)["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
    return {"worksheets": [{"cells": cells}], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}


@hostile(earns=FULL, noticed="UTF-16")
def is_utf_16():
    return _bytes(notebook("name = 'Jürgen'", answers=ANSWERS)).decode().encode("utf-16")


@hostile(earns=FULL, noticed="read as Latin-1")
def is_latin_1():
    return _bytes(notebook("name = 'Jürgen'", answers=ANSWERS)).decode().encode("latin-1")


@hostile(earns=FULL, noticed="byte order mark")
def begins_with_a_mark():
    return b"\xef\xbb\xbf" + _bytes(notebook("name = 'Jürgen'", answers=ANSWERS))


@hostile(earns=FULL, noticed="written answers found")
def lost_its_metadata():
    content = notebook(answers=ANSWERS)
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    return {"cells": [{"cell_type": "code", "source": cell["source"]} for cell in cells]}


@hostile(noticed="error: it has 100,.* code cells")
def has_very_many_cells():
    return notebook(*["x = 1"] * 100_000, answers=ANSWERS)


@hostile(earns=POINTS["q1"] + POINTS["q3"])
def renamed_and_lost_cells():
    """A student's slip, shown by the failing tests: the cell of q2 is gone, others moved."""
    content = notebook(answers={"q3": ANSWERS["q3"], "q1": ANSWERS["q1"]})
    for number, cell in enumerate(content["cells"]):
        cell["id"] = f"renamed-{number}"
    return content


@hostile(noticed="its metadata name another assignment, other")
def is_of_another_assignment():
    content = notebook()
    content["metadata"]["otter"]["assignment_name"] = "other"
    return content


@hostile(noticed="its term is 'autumn'")
def is_of_another_term():
    return notebook(after=('term = "autumn"',))


ODD_NAMES = (
    'comma, and "quotes"',
    "two\nlines",
    "-rf",
    "=cmd('calc')!A0",
    "..hidden-not",
    "@SUM(A1)",
    "<script>alert(1)",
    "ärger \u202e gnp",
    "x" * 200,
)
