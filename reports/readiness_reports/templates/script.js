// Comfort only: the page says everything without it.
"use strict";
const all = (selector) => [...document.querySelectorAll(selector)];

// Show the statements in one state, or all; headings go with what stands below them.
const show = (state) => {
  for (const button of all("[data-show]")) button.setAttribute("aria-pressed", button.dataset.show === state);
  for (const row of all(".st")) row.hidden = state !== "" && !row.classList.contains(state);
  for (const rows of all(".rows")) {
    rows.hidden = rows.previousElementSibling.hidden = !rows.querySelector(".st:not([hidden])");
  }
  for (const section of all(".section")) section.hidden = !section.querySelector(".rows:not([hidden])");
};

// A link to what is folded or filtered away brings it back.
const reveal = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  if (target.closest("[hidden]")) show("");
  for (let one = target; one; one = one.parentElement) {
    if (one.matches("details")) one.open = true;
  }
  target.scrollIntoView();
};
addEventListener("hashchange", reveal);
if (location.hash) reveal();

const tools = document.querySelector(".tools");
tools.hidden = false;
tools.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (!button.matches(".unfold")) return show(button.dataset.show);
  const open = button.getAttribute("aria-pressed") === "false";
  button.setAttribute("aria-pressed", open);
  for (const check of all(".st > details")) check.open = open;
});

if (navigator.clipboard) {
  for (const code of all("pre > code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "copied";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    code.before(button);
  }
}
