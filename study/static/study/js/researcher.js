// The researcher's pages: players in previews, copying the study's link, counting on a build.

import { wireCopying } from "./copy.js";
import { allPlayers } from "./sound.js";

allPlayers();

wireCopying();

// A second click on a button that makes something must not make it twice.
document.querySelectorAll("form[method=post]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// A build that ended changes the whole page: what can be done next is another.
document.body.addEventListener("build-ended", () => location.reload());
