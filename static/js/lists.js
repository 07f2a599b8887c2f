// Lists: a click on a row opens it, date quick picks, column chooser, row height.
const year = 365 * 24 * 3600;

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (row && !event.target.closest("a, button, input, label, summary") && !String(getSelection())) {
    const link = row.querySelector("a.so-key");
    if (event.ctrlKey || event.metaKey) open(row.dataset.href);
    else if (link) link.click();
    else location.href = row.dataset.href;
    return;
  }
  const pick = event.target.closest("[data-so=pick]");
  if (pick) {
    const [from, to] = pick.closest("fieldset").querySelectorAll("input[type=date]");
    from.value = pick.dataset.from;
    to.value = pick.dataset.to;
    pick.closest("form").requestSubmit();
  }
  if (event.target.closest("[data-so=density]")) {
    const root = document.documentElement;
    const next = root.dataset.density === "comfortable" ? "compact" : "comfortable";
    root.dataset.density = next;
    document.cookie = `shopops_density=${next}; path=/; max-age=${year}; samesite=lax`;
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.so === "columns") {
    const chosen = [...form.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
    form.elements.cols.value = chosen.join(",");
  }
}, true);

// Empty fields do not belong into the URL.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  const values = event.detail.parameters;
  for (const name of Object.keys(values)) if (values[name] === "") delete values[name];
});
