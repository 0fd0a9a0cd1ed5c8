// The volunteer's other pages: sound check, examples, thanks. Players replace the plain audio controls.

import { EventLog } from "./events.js";
import { wireHearFirst } from "./hear_first.js";
import { wirePlayAll } from "./play_all.js";
import { allPlayers, loadClip, wireVolume } from "./sound.js";
import "./visit.js";

const settings = document.body.dataset;
const players = allPlayers();
if (settings.eventsUrl) {
  const log = new EventLog(settings.eventsUrl);
  players.forEach((player) => log.follow(player));
}
wireVolume(document.querySelector("[data-volume]"));
// What must not falter half way is here before it is played.
players.filter((player) => "whole" in player.root.dataset).forEach((player) => loadClip(player.url).catch(() => {}));

// A new step begins at its heading, for eyes and screen readers alike.
document.querySelector("[data-problem-summary], h1")?.focus({ preventScroll: true });

wirePlayAll(players);
wireHearFirst(document.querySelector("[data-hear-first]"), players[0]);

// "I hear it" makes sense after hearing: the way on is always open, the button only changes its weight.
const confirm = document.querySelector("[data-after-sound]");
players[0]?.addEventListener("heard", ({ detail }) => detail.kind === "play" && confirm?.classList.remove("plain"));

// A second click must not send a step twice.
document.querySelectorAll("form[method=post]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    if (!event.defaultPrevented) form.dataset.sent = "yes";
  });
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
