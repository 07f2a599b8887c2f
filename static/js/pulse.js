// What is new: asked every minute while somebody looks at the page. An answer 304 leaves everything as it is.
const beat = () => document.getElementById("pulse");
const bell = document.getElementById("bell");
const pace = Number(beat()?.dataset.seconds ?? 60) * 1000;
let asked = Date.now();

function ask() {
  if (document.hidden || !beat()) return;
  asked = Date.now();
  htmx.trigger(beat(), "pulse");
}

function fill() {
  if (bell?.open) htmx.trigger("#bell-list", "bell-open");
}

if (beat()) {
  setInterval(ask, pace);
  document.addEventListener("visibilitychange", () => Date.now() - asked >= pace && ask());
}
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "pulse") return;
  event.detail.headers["If-None-Match"] = event.target.dataset.etag;
  event.detail.headers["X-Background"] = "1"; // keeps nobody logged in
});
document.addEventListener("htmx:oobAfterSwap", (event) => event.detail.target?.id === "bell-count" && fill());
bell?.addEventListener("toggle", fill);
