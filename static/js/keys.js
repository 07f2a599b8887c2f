// Keys: Ctrl K palette, / search, g + letter go, j k rows, Enter open, e edit, ? help. Never while typing.
import { openPalette } from "./dialogs.js";

let going = false;
const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");

function step(by) {
  const rows = [...document.querySelectorAll("tr[data-href]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("so-here"));
  rows[at]?.classList.remove("so-here");
  const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  next.classList.add("so-here");
  next.scrollIntoView({ block: "nearest" });
}

if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  document.querySelectorAll("[data-so=command]").forEach((key) => { key.textContent = "⌘K"; });
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (going) {
    going = false;
    document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
    return;
  }
  const acts = {
    "/": () => document.querySelector("[data-so=list-search]")?.focus(),
    "?": () => document.getElementById("shortcuts")?.showModal(),
    e: () => document.querySelector("[data-so=edit]")?.click(),
    g: () => { going = true; },
    j: () => step(1),
    k: () => step(-1),
    Enter: () => document.querySelector("tr.so-here a.so-key")?.click(),
  };
  if (acts[event.key] && !(event.key === "Enter" && event.target.closest("a, button, summary"))) {
    if (event.key !== "Enter") event.preventDefault();
    acts[event.key]();
  }
});
