// Quizzes: check a choice, show its explanation, count. Nothing is stored or sent.
document.querySelectorAll(".quiz").forEach((quiz) => {
  const questions = [...quiz.querySelectorAll(".quiz-question")];
  const score = quiz.querySelector(".quiz-score");
  const again = quiz.querySelector(".quiz-again");
  const tries = new Map();  // of the questions that were answered
  const solved = new Set();

  function count() {
    if (solved.size < questions.length) return;
    const first = questions.filter((question) => tries.get(question) === 1).length;
    score.textContent = first === questions.length
      ? `All ${first} right at the first try.`
      : `All ${questions.length} solved, ${first} of them at the first try.`;
    again.hidden = false;
  }

  function clear(question) {
    question.querySelector(".quiz-verdict").replaceChildren();
    for (const option of question.querySelectorAll(".quiz-option")) {
      option.classList.remove("quiz-is-right", "quiz-is-wrong");
    }
  }

  function check(question) {
    clear(question);
    const verdict = question.querySelector(".quiz-verdict");
    const chosen = question.querySelector("input:checked");
    if (!chosen) {
      verdict.textContent = "Choose an answer first.";
      return;
    }
    const isRight = "right" in chosen.dataset;
    const why = question.querySelectorAll(".quiz-why")[chosen.value];
    verdict.append(why.cloneNode(true));
    chosen.closest(".quiz-option").classList.add(isRight ? "quiz-is-right" : "quiz-is-wrong");
    if (!solved.has(question)) tries.set(question, (tries.get(question) ?? 0) + 1);
    if (isRight) {
      solved.add(question);
      question.querySelector(".quiz-answers").hidden = false;
      count();
    }
  }

  function reset(question) {
    question.reset();
    clear(question);
    const answers = question.querySelector(".quiz-answers");
    answers.open = false;
    answers.hidden = true;
  }

  for (const question of questions) {
    reset(question);
    question.querySelector("summary").textContent = "Why not the others?";
    const button = question.querySelector(".quiz-check");
    button.hidden = button.disabled = false;
    question.addEventListener("submit", (event) => {
      event.preventDefault();
      check(question);
    });
    question.addEventListener("change", () => clear(question));
  }
  again.addEventListener("click", () => {
    questions.forEach(reset);
    tries.clear();
    solved.clear();
    score.textContent = "";
    again.hidden = true;
    questions[0].querySelector("input").focus();
  });
});
