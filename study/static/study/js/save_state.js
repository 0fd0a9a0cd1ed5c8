// One line that says whether the answers are saved. What it shows is true at every moment; aloud it says only what
// is news, or screen readers would hear "Saving…" after each of twenty trials. The page comes with neutral words in it:
// answers may wait in this browser, which no server knows.

import { say } from "./words.js";

const PATIENCE_MS = 500; // saving for longer than this is news
const SETTLED_MS = 100; // a screen reader has seen by then that a change was quiet

export class SaveState {
  constructor(line) {
    this.line = line;
    this.told = say("saved"); // what was last said aloud; that nothing waits as a page opens is no news
  }

  show({ state, waiting }) {
    const words = say(state, { count: waiting });
    clearTimeout(this.timer);
    this.line.dataset.state = state;
    if (state === "saving") {
      this.#write(words, "off");
      this.timer = setTimeout(() => this.#tell(words), PATIENCE_MS);
    } else if (words === this.told) {
      this.#write(words, "off");
      this.timer = setTimeout(() => this.line.setAttribute("aria-live", "polite"), SETTLED_MS);
    } else this.#tell(words);
  }

  #tell(words) {
    this.told = words;
    if (this.line.textContent === words) this.line.textContent = ""; // only a change is said
    this.#write(words, "polite");
  }

  #write(words, live) {
    this.line.setAttribute("aria-live", live);
    if (this.line.textContent !== words) this.line.textContent = words;
  }
}
