// Forms: a second click on a button does nothing more; typed text is not lost by leaving.
let dirty = false;

document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-so=guard]")) dirty = true;
});
document.addEventListener("submit", (event) => {
  dirty = false;
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  (event.submitter ?? form.querySelector("[type=submit]"))?.setAttribute("aria-busy", "true");
});
addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
});
document.querySelector(".so-form-errors")?.focus();
