// Menus are <details>: they close on Escape, on a click elsewhere and when another opens. Also the phone's drawer.
const open = () => document.querySelectorAll("details.so-menu[open]");

document.addEventListener("click", (event) => {
  open().forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  const drawer = event.target.closest("[data-so=drawer]");
  const nav = document.getElementById("nav");
  if (!nav) return;
  if (drawer) {
    const shown = nav.classList.toggle("so-open");
    drawer.setAttribute("aria-expanded", String(shown));
    if (shown) nav.querySelector("a")?.focus();
  } else if (!nav.contains(event.target)) {
    nav.classList.remove("so-open");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  open().forEach((menu) => {
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
  document.getElementById("nav")?.classList.remove("so-open");
});
