// Fields: show a password, copy a number, name the chosen files of a drop zone, tabs within a page.
import { say } from "./toasts.js";

function reveal(button) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  field.focus();
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.text);
  say(document.getElementById("words").dataset.copied, "success");
}

function showTab(tab) {
  for (const other of tab.parentElement.querySelectorAll("[role=tab]")) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
  }
}

function showFiles(zone) {
  const files = [...zone.querySelector("input[type=file]").files];
  zone.querySelector(".so-drop-files").replaceChildren(...files.map((file) => {
    const line = document.createElement("span");
    line.textContent = `${file.name} · ${(file.size / 2 ** 20).toFixed(1)} MB`;
    return line;
  }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-so=reveal], [data-so=copy], [role=tab]");
  if (!button) return;
  if (button.dataset.so === "reveal") reveal(button);
  else if (button.dataset.so === "copy") copy(button);
  else showTab(button);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=tab]") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const tabs = [...event.target.parentElement.querySelectorAll("[role=tab]")];
  const next = tabs[(tabs.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
  next.focus();
  showTab(next);
});

document.addEventListener("change", (event) => {
  const zone = event.target.closest("[data-so=drop]");
  if (zone) showFiles(zone);
});
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-so=drop]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("so-over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      const field = zone.querySelector("input[type=file]");
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}
