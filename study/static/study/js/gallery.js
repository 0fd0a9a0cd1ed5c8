// Galleries: each picture plays its music; all of them in order, one at a time, in view while they sound.

import { allPlayers, playInTurn, wireVolume } from "./sound.js";
import { say } from "./words.js";

const players = allPlayers();
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const button = document.querySelector("[data-play-all]");
let stop = null;

wireVolume(document.querySelector("[data-volume]"));

if (button && players.length) {
  const word = button.querySelector("[data-word]");
  const idle = word.textContent;
  const rest = () => {
    stop = null;
    word.textContent = idle;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (stop) {
      stop();
      return;
    }
    word.textContent = say("stop");
    stop = playInTurn(players, rest);
  });
}

// While all are played the page follows; a single picture is where the finger is already.
players.forEach((player) => player.addEventListener("heard", ({ detail }) => {
  if (stop && detail.kind === "play") player.root.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
}));
