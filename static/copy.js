// Buttons that copy a value; without script the values are there to be marked.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  const said = document.getElementById("copied");
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        said.textContent = button.dataset.done;
      } catch {
        said.textContent = "";
      }
    });
  }
})();
