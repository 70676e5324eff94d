// Boxes for predictions: a line to commit to a guess, held against the answer. Nothing is stored.
document.querySelectorAll(".admonition.predict").forEach((box) => {
  const answer = box.querySelector("details");
  if (!answer) return;
  const label = document.createElement("label");
  label.className = "predict-guess";
  const input = document.createElement("input");
  input.type = "text";
  input.autocomplete = "off";
  label.append("Your guess (optional) ", input);
  answer.before(label);
  const said = document.createElement("p");
  said.className = "predict-said";
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") answer.open = true;
  });
  answer.addEventListener("toggle", () => {
    said.remove();
    const guess = input.value.trim();
    if (!answer.open || !guess) return;
    said.textContent = `You guessed: ${guess}`;
    answer.querySelector("summary").after(said);
  });
});
