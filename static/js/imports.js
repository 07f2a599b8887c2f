// Importing: the fields of a new channel show only when a new channel is chosen; without script they are always there.
const form = document.querySelector("[data-so=import-new]");

if (form) {
  const choice = form.querySelector("select[name=channel]");
  const fields = form.querySelector("[data-so=new-channel]");
  const show = () => { if (fields) fields.hidden = choice.value !== "new"; };
  choice.addEventListener("change", show);
  show();
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    button.setAttribute("aria-busy", "true");
  });
}
