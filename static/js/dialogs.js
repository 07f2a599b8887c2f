// Dialogs: the palette, and any button with data-so="confirm" data-dialog="id".
const palette = document.getElementById("palette");

export function openPalette() {
  if (!palette || palette.open) return;
  palette.showModal();
  const field = palette.querySelector("input[type=search]");
  field.value = "";
  field.focus();
  field.dispatchEvent(new Event("palette-open"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-so]");
  switch (button?.dataset.so) {
    case "palette":
      openPalette();
      break;
    case "shortcuts":
      document.getElementById("shortcuts")?.showModal();
      break;
    case "confirm":
      document.getElementById(button.dataset.dialog)?.showModal();
      break;
    case "close":
      button.closest("dialog")?.close();
      break;
  }
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

palette?.addEventListener("keydown", (event) => {
  const links = [...palette.querySelectorAll("#palette-results a")];
  const at = links.findIndex((link) => link.classList.contains("so-here"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = links[(at + (event.key === "ArrowDown" ? 1 : links.length - 1)) % links.length];
    links[at]?.classList.remove("so-here");
    next?.classList.add("so-here");
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && links.length && event.target.matches("input")) {
    event.preventDefault();
    const link = links[at] ?? links[0];
    if (event.ctrlKey || event.metaKey) open(link.href);
    else link.click();
  }
});

palette?.addEventListener("htmx:afterSwap", () => {
  palette.querySelector("#palette-results a")?.classList.add("so-here");
});
