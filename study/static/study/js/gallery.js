// Galleries: each picture plays its music; all of them in order, one at a time, in view while they sound.

import { wirePlayAll } from "./play_all.js";
import { allPlayers, wireVolume } from "./sound.js";

const players = allPlayers();
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const allSound = wirePlayAll(players);

wireVolume(document.querySelector("[data-volume]"));

// While all are played the page follows; a single picture is where the finger is already.
players.forEach((player) => player.addEventListener("heard", ({ detail }) => {
  if (allSound() && detail.kind === "play") player.root.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
}));
