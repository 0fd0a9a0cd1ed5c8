// The rest half way, on the page of the trials: a page of its own could not be reached without a connection.

export class Rest {
  // section: with a form that says "go on" to the server; number: of the trial before which it comes, 0 for none.
  constructor(section, number) {
    this.section = section;
    this.number = number;
  }

  isDue(trial) {
    return trial.number === this.number;
  }

  // Resolves when the volunteer goes on.
  take() {
    const form = this.section.querySelector("form");
    this.number = 0;
    this.section.hidden = false;
    return new Promise((done) => {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.section.hidden = true;
        this.#tell(form);
        done();
      }, { once: true });
    });
  }

  // Only a page that is opened anew asks the server about the rest: without a connection it comes once more.
  #tell(form) {
    const body = new URLSearchParams(new FormData(form));
    fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: true }).catch(() => {});
  }
}
