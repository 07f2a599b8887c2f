// Lists: a click on a row opens it; chosen rows, column chooser, row height.
const year = 365 * 24 * 3600;

function openRow(row, event) {
  const link = row.querySelector("a.so-key");
  if (event.ctrlKey || event.metaKey) open(row.dataset.href);
  else if (link) link.click();
  else location.href = row.dataset.href;
}

function density() {
  const root = document.documentElement;
  const next = root.dataset.density === "comfortable" ? "compact" : "comfortable";
  root.dataset.density = next;
  document.cookie = `shopops_density=${next}; path=/; max-age=${year}; samesite=lax`;
}

const boxes = () => [...document.querySelectorAll("[data-so=pick-row]")];

function showPicked() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const all = boxes();
  const picked = all.filter((box) => box.checked);
  const words = bar.querySelector("[data-so=picked]");
  const head = document.querySelector("[data-so=pick-all]");
  bar.hidden = !picked.length;
  words.textContent = picked.length === 1 ? words.dataset.one : words.dataset.many.replace("{n}", picked.length);
  head.checked = picked.length === all.length;
  head.indeterminate = picked.length > 0 && picked.length < all.length;
  all.forEach((box) => box.closest("tr").classList.toggle("so-selected", box.checked));
}

function showColumns(form) {
  const all = [...form.querySelectorAll("input[type=checkbox]")];
  form.querySelector("[data-so=columns-count]").textContent = `${all.filter((box) => box.checked).length} / ${all.length}`;
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (row && !event.target.closest("a, button, input, label, summary, .so-box") && !String(getSelection())) openRow(row, event);
  switch (event.target.closest("[data-so]")?.dataset.so) {
    case "density":
      density();
      break;
    case "pick-none":
      boxes().forEach((box) => { box.checked = false; });
      showPicked();
      break;
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-so=pick-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
  if (event.target.matches("[data-so=pick-all], [data-so=pick-row]")) showPicked();
  const columns = event.target.closest("form[data-so=columns]");
  if (columns) showColumns(columns);
});

// One field for the chosen columns keeps the address short.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.so !== "columns") return;
  const chosen = [...form.querySelectorAll("input[type=checkbox]:checked")];
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "cols", value: chosen.map((box) => box.value).join(",") });
  form.querySelectorAll("input[type=checkbox]").forEach((box) => { box.disabled = true; });
  form.append(field);
}, true);

// Empty fields do not belong into the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  const values = event.detail.parameters;
  for (const name of Object.keys(values)) if (values[name] === "") delete values[name];
});

const start = () => {
  document.querySelectorAll("form[data-so=columns]").forEach(showColumns);
  showPicked();
};
start();
document.addEventListener("htmx:afterSettle", start);
addEventListener("pageshow", start);
