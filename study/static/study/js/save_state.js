// One line that says whether the answers are saved; the words are the page's own.

import { say } from "./words.js";

const PATIENCE_MS = 500;

export class SaveState {
  constructor(line) {
    this.line = line;
  }

  // "Saving…" is said only when it takes a while, or screen readers would hear it twenty times.
  show({ state, waiting }) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#write(state, say(state, { count: waiting })), state === "saving" ? PATIENCE_MS : 0);
  }

  #write(state, words) {
    this.line.dataset.state = state;
    if (this.line.textContent !== words) this.line.textContent = words;
  }
}
