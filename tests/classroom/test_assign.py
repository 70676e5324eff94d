"""Derived assignments: solution 100 %, student 0, no leak, other numbers each term."""

import base64
import contextlib
import itertools
import json
import re
import shutil
import sys
import tomllib
import zipfile

import numpy as np
import pytest
from submissions import TERMS

from brainlike.assignments import term_generator
from classroom import assign, verify
from classroom.assign import MASTERS, ROOT, derive, make
from classroom.master import MasterError, read_master

HEAD = [
    ("raw", "# ASSIGNMENT CONFIG\nname: 99_toy"),
    ("markdown", "# Toy\n\n<!-- points -->"),
    ("code", 'import otter\n\nterm = "TERM"\ngrader = otter.Notebook()'),
]
TITLE = ("markdown", "## Question 1: Twice")
SOLUTION = "def twice(x):\n    # BEGIN SOLUTION\n    product_with_two = 2 * x\n"
SOLUTION += "    return product_with_two\n    # END SOLUTION"
USE = ("code", "value = twice(3)")
PUBLIC = "def test_public(twice):\n    assert twice(1) == 2, 'one is doubled to two'"
HIDDEN = "def test_hidden_numbers(twice):\n    for number_to_double in (3, 17):\n"
HIDDEN += "        assert twice(number_to_double) == number_to_double + number_to_double"


def case(body, points, hidden=False):
    config = f"points: {points}\nhidden: {str(hidden).lower()}"
    return ("code", f'""" # BEGIN TEST CONFIG\n{config}\n""" # END TEST CONFIG\n{body}')


def block(name, cells):
    return [("raw", f"# BEGIN {name}"), *cells, ("raw", f"# END {name}")]


def question(solution=SOLUTION, tests=None, title=TITLE, use=USE, config="name: q1"):
    tests = tests or [case(PUBLIC, 0), case(HIDDEN, 2, hidden=True)]
    return [
        ("raw", f"# BEGIN QUESTION\n{config}"),
        *([title] if title else []),
        *block("SOLUTION", [("code", solution)]),
        *([use] if use else []),
        *block("TESTS", tests),
        ("raw", "# END QUESTION"),
    ]


WRITTEN = [
    ("raw", "# BEGIN QUESTION\nname: q2\nmanual: true\npoints: 3"),
    ("markdown", "## Question 2: Why two?"),
    *block("SOLUTION", [("markdown", "**Rubric.** Because one is not enough for a pair.")]),
    ("raw", "# END QUESTION"),
]


def write(folder, cells, name="99_toy"):
    """Write a master notebook of (kind, source) pairs."""
    notebook = {
        "cells": [
            {"cell_type": kind, "id": f"c{i}", "metadata": {}, "source": source}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for i, (kind, source) in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"display_name": "x", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def toy(tmp_path):
    """Return a function: cells of a toy master to what `verify` finds wrong with it."""

    def problems(cells):
        path, folder = write(tmp_path, [*HEAD, *cells]), tmp_path / "derived"
        return "\n".join(verify.verify(folder, derive(path, "spring", folder)))

    return problems


# the real assignments


@pytest.mark.parametrize("term", TERMS)
def test_solution_earns_everything_and_student_nothing(assignment, term, derived):
    made = derived(assignment, term)
    assert verify.verify(made.folder, made.master) == []


def test_numbers_differ_from_term_to_term(assignment, derived):
    """Data, as the notebook makes them before anything is answered, and not in one place only."""
    drawn = []
    for term in TERMS:
        made, env = derived(assignment, term), {}
        verify.run_cells(verify.code_cells(made.folder / f"student/{assignment}.ipynb"), env)
        drawn.append({k: v for k, v in env.items() if isinstance(v, np.ndarray) and v.size > 3})
    names = [k for k in drawn[0] if drawn[0][k].dtype.kind in "biuf" and k in drawn[1]]
    assert names, "the notebook draws no array"
    other = [k for k in names if not np.array_equal(drawn[0][k], drawn[1][k])]
    assert other, f"the same numbers in both terms: {names}"


def test_student_notebook_is_self_contained(assignment, derived):
    made = derived(assignment)
    assert [path.name for path in (made.folder / "student").iterdir()] == [f"{assignment}.ipynb"]
    notebook = read(made.folder / f"student/{assignment}.ipynb")
    graded = {name for name, question in made.master.questions.items() if not question.manual}
    assert set(notebook["metadata"]["otter"]["tests"]) == graded
    assert notebook["metadata"]["brainlike"] == {"assignment": assignment, "term": TERMS[0]}
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    assert '"TERM"' not in json.dumps(notebook).replace("'", '"')
    assert f'term = "{TERMS[0]}"' in text
    assert "points -->" not in text and "| **" in text, "the title cell shows the points"
    assert f"It is called `{assignment}.ipynb`, and must keep that name" in text
    assert text.count("_Type your answer here") == len(made.master.questions) - len(graded)
    assert not [cell for cell in notebook["cells"] if cell.get("outputs")]
    with (ROOT / "pyproject.toml").open("rb") as stream:
        address = tomllib.load(stream)["project"]["urls"]["Homepage"]
    assert f"git+{address}" in text and f"{address}/blob/main/notebooks/{assignment}.ipynb" in text


def test_otter_checks_the_student_notebook(assignment, derived, tmp_path):
    """Otter itself finds the public tests in the notebook, with and without answers."""
    from classroom.otter_quiet import otter

    made = derived(assignment)
    shutil.copy(made.folder / f"student/{assignment}.ipynb", tmp_path)
    for version in ("student", "solution"):
        env = {}
        verify.run_cells(verify.code_cells(made.folder / version / f"{assignment}.ipynb"), env)
        with contextlib.chdir(tmp_path):
            grader = otter.Notebook(f"{assignment}.ipynb")
            for name, question in made.master.questions.items():
                if question.manual:
                    continue
                result = grader.check(name, global_env=env)
                public = [test for test in question.tests if not test.hidden]
                assert len(result.test_cases) == len(public)
                assert result.passed_all == (version == "solution"), result.summary()
                if version == "student":
                    assert "not answered yet" in result.summary(), f"{name}: {result.summary()}"


def test_archive_is_what_gradescope_needs(assignment, derived):
    made = derived(assignment)
    with zipfile.ZipFile(made.folder / f"autograder/{assignment}-autograder.zip") as archive:
        members = archive.namelist()
        environment = archive.read("environment.yml").decode()
        settings = json.loads(archive.read("otter_config.json"))
    assert {"run_autograder", "run_otter.py", "setup.sh"} <= set(members)
    assert "otter-grader[grading,plugins]==7.0.0" in environment
    assert "brainlike @ git+https://" in environment
    assert settings["assignment_name"] == assignment
    assert not settings.get("show_hidden") and not settings.get("show_stdout")
    graded = [name for name, question in made.master.questions.items() if not question.manual]
    assert {f"tests/{name}.py" for name in graded} <= set(members)
    record = read(made.folder / "grading/questions.json")
    assert record["assignment"] == assignment and record["term"] == TERMS[0]
    for entry in record["questions"]:
        assert entry["points"] > 0 and entry["title"]
        assert bool(entry["rubric"]) == entry["manual"]
        assert all((made.folder / "grading/tests" / name).is_file() for name in entry["tests"])


def test_master_keeps_the_rules_of_notebooks(assignment):
    notebook = read(MASTERS / f"{assignment}.ipynb")
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in notebook["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
    master = read_master(MASTERS / f"{assignment}.ipynb")
    graded = [question for question in master.questions.values() if not question.manual]
    assert 4 <= len(graded) <= 6 and len(master.questions) == len(graded) + 1
    assert "*Difficulty" in master.cells[0].source and "minutes" in master.cells[0].source
    source = "\n".join(cell.source for cell in master.cells)
    assert source.count('\nterm = "TERM"') + source.startswith('term = "TERM"') == 1


# the first assignment's data, in any term


def drawn(question, term):
    """Return what the visible cells of a question of assignment 1 draw before its solution."""
    master = read_master(MASTERS / "01_perceptrons.ipynb", term)
    own = [cell for cell in master.cells if cell.question == question and cell.kind == "code"]
    before = list(itertools.takewhile(lambda cell: cell.block is None, own))
    env = {"np": np, "term": term, "term_generator": term_generator}
    assert verify.run_cells([cell.source for cell in before], env) == []
    return env


def test_the_toad_snaps_now_and_then_in_any_term():
    for number in range(100):
        env = drawn("q1", f"term-{number}")
        sums, threshold = env["spike_counts"] @ env["synapses"], env["firing_threshold"]
        assert 0.2 < np.mean(sums > threshold) < 0.8 and np.any(sums == threshold)


def test_how_many_feedbacks_lead_downhill_changes_with_the_term():
    counts = []
    for number in range(100):
        env = drawn("q6", f"term-{number}")
        error, slope = env["output_error"], 1 - env["hidden_rates"] ** 2
        true = error @ env["readout"].T * slope
        gains = [np.sum(true * (error @ b) * slope) for b in env["candidates"].values()]
        counts.append(sum(gain > 0 for gain in gains))
    assert list(env["candidates"]) == list("ABCDE")
    assert set(counts) == {1, 2, 3, 4} and max(map(counts.count, counts)) < 60


def test_an_angle_that_is_nan_is_explained():
    master = read_master(MASTERS / "01_perceptrons.ipynb")
    env = {}
    exec(master.questions["q6"].tests[0].source, env)
    with pytest.raises(AssertionError, match=r"np\.clip\(cosine, -1, 1\)"):
        env["test_blame_angle_public"](lambda *arguments: np.float64(np.nan))


@pytest.mark.parametrize("left_open", ["respond", "fold", "margin", "mistake_bound"])
def test_cells_run_while_some_answers_are_open(left_open, derived):
    """A function alone is open, with all that was written after it in place."""
    made = derived("01_perceptrons")
    sources = verify.code_cells(made.folder / "solution/01_perceptrons.ipynb")
    place = next(i for i, text in enumerate(sources) if f"def {left_open}(" in text)
    sources[place] += f"\n\n\ndef {left_open}(*arguments):\n    ..."
    assert verify.run_cells(sources, {}) == []
    turned = [text.replace("[signs, signs])", "[signs, signs]).T") for text in sources]
    assert turned != sources and verify.run_cells(turned, {}) == []


# leaks


def plant(notebook, where, text):
    """Hide a text in a notebook in one of the places where it could lie."""
    planted = json.loads(json.dumps(notebook))
    cell = planted["cells"][3]
    if where == "code":
        planted["cells"][-1]["source"] = f"if True:\n    {text}\n"
    elif where == "output":
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [text]}]
    elif where == "cell metadata":
        cell["metadata"]["old"] = {"source": [text]}
    elif where == "metadata":
        planted["metadata"]["otter"]["tests"]["q1"] += text.replace('"', "'")
    elif where == "attachment":
        coded = base64.b64encode(text.encode()).decode()
        cell["attachments"] = {"a.txt": {"text/plain": coded}}
    return planted


@pytest.mark.parametrize("where", ["code", "output", "cell metadata", "metadata", "attachment"])
def test_planted_leaks_are_found(where, derived):
    made = derived("01_perceptrons")
    notebook = read(made.folder / "student/01_perceptrons.ipynb")
    assert list(verify.find_leaks(notebook, made.master)) == []
    rubric = made.master.questions["q7"].rubric.split("\n")
    secrets = {
        "solution line": "return np.where(drive > threshold, 1, -1)",
        "hidden test line": "fires = np.einsum('ij,j->i', inputs, weights) > threshold",
        "rubric line": next(line for line in rubric if "never silences" in line),
    }
    for kind, secret in secrets.items():
        leaks = "\n".join(verify.find_leaks(plant(notebook, where, secret), made.master))
        assert kind in leaks, f"{kind} in {where}: {leaks}"
    named = "\n".join(verify.find_leaks(plant(notebook, where, "test_fold_hidden"), made.master))
    assert "names the hidden test_fold_hidden" in named


def test_a_leak_in_the_master_is_found(toy):
    assert toy(question()) == ""


def test_a_solution_line_in_a_public_test_is_found(toy):
    body = PUBLIC + "\n    x = 1\n    product_with_two = 2 * x"
    found = toy(question(tests=[case(body, 0), case(HIDDEN, 2, hidden=True)]))
    assert "q1: the student notebook holds a solution line: product_with_two = 2 * x" in found


def test_import_lines_are_no_secret(toy):
    line = "from collections import OrderedDict"
    found = toy(
        [
            ("code", line),
            *question(
                SOLUTION.replace("    product", f"    {line}\n    product", 1),
                tests=[case(PUBLIC, 0), case(HIDDEN.replace("\n", f"\n    {line}\n", 1), 2, True)],
            ),
        ]
    )
    assert found == ""


def test_a_hidden_test_marked_public_by_otter_only_is_found(derived):
    made = derived("01_perceptrons")
    notebook = read(made.folder / "student/01_perceptrons.ipynb")
    full = (made.folder / "grading/tests/q2.py").read_text(encoding="utf-8")
    notebook["metadata"]["otter"]["tests"]["q2"] = full
    leaks = "\n".join(verify.find_leaks(notebook, made.master))
    assert "names the hidden test_count_corrections_hidden" in leaks
    assert "q2: the student notebook holds a hidden test line" in leaks


def test_paths_of_this_machine_are_found(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("setup.sh", f"cd {ROOT}/classroom")
    (tmp_path / "clean.txt").write_text("nothing")
    assert list(verify.find_paths(tmp_path, [str(ROOT)])) == [
        f"a.zip:setup.sh holds a path of this machine: {ROOT}"
    ]


# masters that break the rules


def test_a_wrong_solution_is_named(toy):
    found = toy(question(SOLUTION.replace("2 * x", "3 * x")))
    assert "q1: the solution scores 0 points" in found and "one is doubled to two" in found


def test_points_without_an_answer_are_named(toy):
    found = toy(question(tests=[case(PUBLIC, 0), case("def test_nothing():\n    pass", 1, True)]))
    assert "q1: the unanswered notebook scores 1 points" in found


@pytest.mark.parametrize("source", ["value = twice(3) + 1", "import sys\nsys.exit()"])
def test_a_cell_that_a_stub_brings_down_is_named(toy, source):
    found = toy(question(use=("code", source)))
    assert "the student notebook raises" in found


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([], "no question"),
        (question(solution="def twice(x):\n    return 2 * x"), "marks no line"),
        (question(tests=[case(PUBLIC, 0), case(PUBLIC, 1)]), "two tests share a name"),
        (question(tests=[("code", PUBLIC), case(HIDDEN, 1, True)]), "says no points"),
        (question(tests=[case(HIDDEN, 1, True)]), "needs a public test"),
        (question(tests=[case(PUBLIC, 0)]), "tests worth points"),
        (question(tests=[case("import numpy\n" + PUBLIC, 0)]), "one function"),
        (question(title=None), "begin the question with a heading"),
        (question(config="points: 3"), "has no name"),
        (question(config="name: q1\npoints: 2"), "give points to the tests"),
        (question() + question(), "two questions are called q1"),
        (question()[:-1], "BEGIN QUESTION without its END"),
        (question()[1:], "BEGIN SOLUTION outside a question"),
        (WRITTEN[-1:], "END QUESTION without its BEGIN"),
    ],
)
def test_a_master_that_breaks_a_rule_is_refused(cells, message, tmp_path):
    with pytest.raises(MasterError, match=message):
        read_master(write(tmp_path, [*HEAD, *cells]))


@pytest.mark.parametrize("term", ["", "../x", "a b", "x" * 60, ".hidden", 'a"b'])
def test_a_term_that_cannot_name_a_folder_is_refused(term, tmp_path):
    with pytest.raises(MasterError, match="cannot name a term"):
        derive(write(tmp_path, [*HEAD, *question()]), term, tmp_path / "out")
    assert assign.main(["--term", term, "--output", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()


# the command


def test_command_derives_checks_and_replaces(tmp_path, monkeypatch, capfd):
    """The whole way, with the check in its own process; a failure leaves the old version."""
    masters, output = tmp_path / "masters", tmp_path / "out"
    masters.mkdir()
    write(masters, [*HEAD, *question(), *WRITTEN])
    monkeypatch.setattr(assign.masters, "__defaults__", (None, masters))
    assert assign.main(["--term", "spring", "--output", str(output)]) == 0
    assert "99_toy: made and checked" in capfd.readouterr().out
    folder = output / "spring/99_toy"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "student/99_toy.ipynb",
        "solution/99_toy.ipynb",
        "autograder/99_toy-autograder.zip",
        "grading/questions.json",
        "grading/tests/q1.py",
    }
    before = (folder / "student/99_toy.ipynb").read_bytes()
    assert b"Because one is not enough" not in before
    write(masters, [*HEAD, *question(SOLUTION.replace("2 * x", "3 * x")), *WRITTEN])
    assert assign.main(["99_toy", "--term", "spring", "--output", str(output)]) == 1
    said = capfd.readouterr()
    assert "99_toy: NOT made" in said.out and "99_toy, q1: the solution scores 0" in said.err
    assert (folder / "student/99_toy.ipynb").read_bytes() == before
    assert [path.name for path in (output / "spring").iterdir()] == ["99_toy"]
    assert assign.main(["98_other"]) == 1
    assert "no assignment 98_other; there are 99_toy" in capfd.readouterr().err


def test_a_broken_master_is_a_message_not_a_traceback(tmp_path):
    path = write(tmp_path, HEAD)
    (problem,) = make(path, "spring", tmp_path / "out")
    assert problem.startswith("99_toy: MasterError") and "no question" in problem


def test_the_same_master_gives_the_same_files(derived, tmp_path):
    made = derived("01_perceptrons")
    derive(MASTERS / "01_perceptrons.ipynb", TERMS[0], tmp_path / "again")
    for file in ("student/01_perceptrons.ipynb", "grading/questions.json", "grading/tests/q3.py"):
        assert (tmp_path / "again" / file).read_bytes() == (made.folder / file).read_bytes()


def test_running_cells_leaves_otter_as_it_was():
    before = sys.modules.get("otter")
    env = {}
    escaped = verify.run_cells(["import otter\ng = otter.Notebook('a')", "1 / 0", "x = 3"], env)
    assert [index for index, _ in escaped] == [1] and env["x"] == 3
    assert env["g"].check("q1") is None and sys.modules.get("otter") is before
    assert re.match("division", str(escaped[0][1]))
