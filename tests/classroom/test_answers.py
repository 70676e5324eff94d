"""Typical wrong answers lose points and meet the message that helps: `answers/NN_topic.py`."""

import copy
import importlib.util
from pathlib import Path
from types import FunctionType, ModuleType

from classroom.verify import run_cells, run_tests

ANSWERS = Path(__file__).parent / "answers"


def wrong_answers(assignment):
    path = ANSWERS / f"{assignment}.py"
    assert path.is_file(), f"write typical wrong answers to {assignment} in {path.name}"
    spec = importlib.util.spec_from_file_location(f"answers_{assignment}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.WRONG


def separate(env):
    """Copy an environment so that an answer cannot change the data of the next."""
    shared = ModuleType | FunctionType | type
    apart = {}
    for name, value in env.items():
        try:
            apart[name] = value if isinstance(value, shared) else copy.deepcopy(value)
        except (TypeError, RuntimeError):  # a generator, a lock, a tensor with a graph
            apart[name] = value
    return apart


def solved_question_by_question(master):
    """Run the solution; return the environment as it was after each question's last cell."""
    code = [cell for cell in master.cells if cell.kind == "code" and cell.block != "TESTS"]
    env, snapshots = {}, {}
    for cell, following in zip(code, [*code[1:], None], strict=True):
        assert run_cells([cell.source], env) == []
        if cell.question and (following is None or following.question != cell.question):
            snapshots[cell.question] = separate(env)
    return snapshots


def visible_after_solution(master, question):
    """Return the question's own cells that follow its solution: they may use the answer."""
    cells = [c for c in master.cells if c.question == question and c.kind == "code"]
    last = max(i for i, cell in enumerate(cells) if cell.block == "SOLUTION")
    return [cell.source for cell in cells[last + 1 :] if cell.block is None]


def failures(made, question, env):
    """Return the score, all failing messages, and those of public tests.

    Otter's message is three lines, the last of them the line of the test that failed, and then
    what the test says. Only that counts: the line of code may quote other messages.
    """
    result = run_tests(made.folder, question, env)
    failed = [r for r in result.test_case_results if not r.passed]
    said = [(r.message.split("\n", 3)[3], r.test_case.hidden) for r in failed]
    public = "\n".join(message for message, hidden in said if not hidden)
    return result.score, "\n".join(message for message, _ in said), public


def test_every_question_has_three_wrong_answers_with_a_message(assignment, derived):
    master = derived(assignment).master
    wrong = wrong_answers(assignment)
    graded = {name for name, question in master.questions.items() if not question.manual}
    assert set(wrong) == graded, "one entry for each autograded question"
    for question, answers in wrong.items():
        assert len({code for code, _ in answers}) >= 3, f"{question} has fewer than three"
        assert all(len(message) > 8 for _, message in answers), f"{question}: empty messages"


def test_wrong_answers_lose_points_and_meet_their_message(assignment, derived):
    made = derived(assignment)
    snapshots = solved_question_by_question(made.master)
    wanting, n_public, n_all = [], 0, 0
    for question, answers in wrong_answers(assignment).items():
        full, messages, _ = failures(made, question, separate(snapshots[question]))
        assert not messages and full == made.master.questions[question].points
        for number, (code, fragment) in enumerate(answers):
            env = separate(snapshots[question])
            run_cells([code, *visible_after_solution(made.master, question)], env)
            score, messages, public = failures(made, question, env)
            n_all, n_public = n_all + 1, n_public + (fragment in public)
            if score >= full:
                wanting.append(f"{question}, answer {number}: loses no point")
            if fragment not in messages:
                wanting.append(f"{question}, answer {number}: {fragment!r} not in:\n{messages}")
    assert not wanting, "\n".join(wanting)
    assert n_public >= 0.6 * n_all, f"only {n_public} of {n_all} are told by a public test"
