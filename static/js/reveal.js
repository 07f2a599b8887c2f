// An uncovered value covers itself again after a minute, and before the page is left: going back finds the mask.
function cover(field) {
  const masked = field.querySelector("template");
  const place = field.querySelector("dd");
  if (!masked || !place) return;
  place.replaceChildren(masked.content.cloneNode(true));
  field.removeAttribute("data-so");
  window.htmx?.process(place);
}

function start() {
  for (const field of document.querySelectorAll('[data-so="revealed"]:not([data-ticking])')) {
    field.dataset.ticking = "1";
    setTimeout(() => cover(field), Number(field.dataset.seconds) * 1000);
  }
}

document.addEventListener("htmx:afterSettle", start);
window.addEventListener("pagehide", () => document.querySelectorAll('[data-so="revealed"]').forEach(cover));
start();
