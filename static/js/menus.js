// Menus are <details>: they close on Escape, on a click elsewhere and when another opens.
// The navigation: a drawer on the phone, icons only when collapsed (remembered in a cookie).
const root = document.documentElement;
const nav = document.getElementById("nav");
const opened = () => document.querySelectorAll("details.so-menu[open]");

function drawer(shown) {
  root.classList.toggle("so-drawer-open", shown);
  document.querySelector("[data-so=drawer]")?.setAttribute("aria-expanded", String(shown));
  if (shown) nav?.querySelector("a")?.focus();
}

function collapse(button) {
  const narrow = root.classList.toggle("so-narrow");
  button.setAttribute("aria-pressed", String(narrow));
  document.cookie = `shopops_nav=${narrow ? "narrow" : "wide"}; path=/; max-age=${365 * 24 * 3600}; samesite=lax`;
}

document.addEventListener("click", (event) => {
  opened().forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  const button = event.target.closest("[data-so=drawer], [data-so=narrow]");
  if (button?.dataset.so === "narrow") collapse(button);
  else if (button) drawer(!root.classList.contains("so-drawer-open"));
  else if (!nav?.contains(event.target)) drawer(false);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  opened().forEach((menu) => {
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
  drawer(false);
});

// A panel that would leave the window on the left or right is moved back into it.
document.addEventListener("toggle", (event) => {
  const panel = event.target.open && event.target.querySelector?.(".so-pop");
  if (!panel) return;
  panel.classList.remove("so-pop-start", "so-pop-end");
  const box = panel.getBoundingClientRect();
  if (box.left < 8) panel.classList.add("so-pop-start");
  else if (box.right > innerWidth - 8) panel.classList.add("so-pop-end");
}, true);
