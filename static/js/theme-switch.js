// The theme button: light or dark, remembered; charts hear "so:theme".
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-so=theme]")) return;
  const root = document.documentElement;
  const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = next;
  document.cookie = `shopops_theme=${next}; path=/; max-age=${365 * 24 * 3600}; samesite=lax`;
  document.dispatchEvent(new CustomEvent("so:theme"));
});
