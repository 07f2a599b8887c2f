// Toasts leave after ten seconds, not while one looks at them; errors stay until closed.
const box = document.getElementById("toasts");
const words = document.getElementById("words");

function watch(toast) {
  if (toast.classList.contains("so-error")) return;
  let left = setTimeout(() => toast.remove(), 10000);
  toast.addEventListener("pointerenter", () => clearTimeout(left));
  toast.addEventListener("pointerleave", () => { left = setTimeout(() => toast.remove(), 4000); });
}

export function say(text, tone = "error") {
  const toast = words.content.firstElementChild.cloneNode(true);
  toast.classList.replace("so-error", `so-${tone}`);
  toast.querySelector("[data-so=text]").textContent = text;
  box.append(toast);
  watch(toast);
}

box?.querySelectorAll("[data-so=toast]").forEach(watch);
document.addEventListener("click", (event) => event.target.closest("[data-so=dismiss]")?.closest("[data-so=toast]").remove());

// An answer that cannot be shown in its place is told here, in the server's words.
document.addEventListener("htmx:responseError", (event) => {
  if (event.target.id === "pulse") return; // it asks again by itself
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  say(page.querySelector("h1")?.textContent || words.dataset.failed);
});
document.addEventListener("htmx:sendError", (event) => event.target.id === "pulse" || say(words.dataset.offline));
