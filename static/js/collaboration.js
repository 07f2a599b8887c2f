// Beside a record: names of colleagues offered after an @, chosen files named, images shown large.
const offers = new Map(); // textarea → the list below it

function typedName(field) {
  const before = field.value.slice(0, field.selectionStart);
  return before.match(/(?:^|[^\w.@])@([\w.\-\u4e00-\u9fff]{0,63})$/u)?.[1];
}

function close(field) {
  offers.get(field)?.remove();
  offers.delete(field);
  field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-expanded", "false");
}

function mark(field, index) {
  const options = [...offers.get(field).querySelectorAll("[role=option]")];
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  if (options[index]) field.setAttribute("aria-activedescendant", options[index].id);
}

async function offer(field) {
  const name = typedName(field);
  if (name === undefined) return close(field);
  const answer = await fetch(`${field.dataset.people}?q=${encodeURIComponent(name)}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || typedName(field) !== name) return;
  let list = offers.get(field);
  if (!list) {
    list = document.createElement("ul");
    list.className = "so-people";
    list.setAttribute("role", "listbox");
    list.id = `${field.id}-people`;
    list.setAttribute("aria-label", field.labels[0]?.textContent ?? "");
    field.parentElement.append(list);
    offers.set(field, list);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
  }
  list.innerHTML = await answer.text();
  field.setAttribute("aria-expanded", "true");
  mark(field, 0);
}

function take(field, option) {
  const start = field.selectionStart - typedName(field).length;
  field.setRangeText(`${option.dataset.name} `, start, field.selectionStart, "end");
  close(field);
  field.focus();
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-so=mentions]")) offer(event.target);
});
document.addEventListener("keydown", (event) => {
  const list = offers.get(event.target);
  if (!list) return;
  const options = [...list.querySelectorAll("[role=option]")];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    mark(event.target, (at + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length);
  } else if ((event.key === "Enter" || event.key === "Tab") && options[at]) {
    take(event.target, options[at]);
  } else if (event.key === "Escape") {
    close(event.target);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.(".so-people [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option.closest(".so-mention-field").querySelector("textarea"), option);
});
document.addEventListener("focusout", (event) => {
  if (offers.has(event.target)) close(event.target);
});

// What tells who set a field stands over the page until somebody looks elsewhere.
function closeSaid(besides) {
  for (const said of document.querySelectorAll(".so-set-by-said")) if (!said.contains(besides)) said.remove();
}
document.addEventListener("click", (event) => closeSaid(event.target));
document.addEventListener("keydown", (event) => {
  const said = event.key === "Escape" && document.querySelector(".so-set-by-place > .so-set-by-said");
  if (!said) return;
  said.parentElement.previousElementSibling?.focus();
  said.remove();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-so=attach]")) return;
  const names = [...event.target.files].map((file) => `${file.name} (${(file.size / 2 ** 20).toFixed(1)} MB)`);
  event.target.form.querySelector(".so-attached").textContent = names.join(", ");
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-so=picture]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const dialog = document.createElement("dialog");
  dialog.className = "so-picture";
  dialog.setAttribute("aria-label", link.dataset.name);
  const image = Object.assign(document.createElement("img"), { src: link.href, alt: link.dataset.name });
  const button = document.createElement("button");
  button.type = "button";
  button.className = "so-icon-button";
  button.dataset.so = "close";
  button.setAttribute("aria-label", document.getElementById("words").dataset.close);
  button.append(document.querySelector("#words").content.querySelector("[data-so=dismiss] svg")?.cloneNode(true) ?? "×");
  dialog.append(button, image);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
});
