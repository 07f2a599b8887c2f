// Toasts leave after ten seconds; errors stay until closed.
function watch(toast) {
  if (!toast.classList.contains("so-error")) setTimeout(() => toast.remove(), 10000);
}

document.querySelectorAll("[data-so=toast]").forEach(watch);
document.addEventListener("click", (event) => event.target.closest("[data-so=dismiss]")?.closest("[data-so=toast]").remove());

function say(text) {
  const box = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = "so-toast so-error";
  toast.dataset.so = "toast";
  toast.textContent = text;
  box?.append(toast);
}

// An answer that cannot be shown in its place is told here, in the server's words.
document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  say(page.querySelector("h1")?.textContent ?? String(event.detail.xhr.status));
});
document.addEventListener("htmx:sendError", () => say(document.documentElement.lang.startsWith("zh") ? "网络中断，请重试。" : "The network was lost. Try again."));
