// The button that plays all pieces of a page in turn, and stops them.

import { playInTurn } from "./sound.js";
import { say } from "./words.js";

// Returns a function that says whether all are being played now.
export function wirePlayAll(players) {
  const button = document.querySelector("[data-play-all]");
  let stop = null;
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
  return () => stop !== null;
}
