// Loads one small module per behaviour; each finds its elements by data-so.
import "./menus.js";
import "./dialogs.js";
import "./keys.js";
import "./lists.js";
import "./toasts.js";
import "./guard.js";
import "./fields.js";
import "./imports.js";
import "./theme-switch.js";
import "./charts.js";
import "./printing.js";
import "./collaboration.js";
import "./pulse.js";
import "./passkeys.js";
import "./reveal.js";

// What a page asks for by itself (polling) is marked: it keeps nobody logged in.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.triggeringEvent) event.detail.headers["X-Background"] = "1";
});
