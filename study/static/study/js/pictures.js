// The pictures of the trials, fetched whole in advance: the next trial stands there at once, and no picture of the
// last trial is ever seen under a letter of the next.

const RETRY_WAITS_MS = [0, 1000, 3000];
const asked = new Map(); // address -> Promise of an object URL
const here = new Map(); // address -> object URL

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function fetchWhole(url) {
  for (const pause of RETRY_WAITS_MS) {
    await wait(pause);
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok) return URL.createObjectURL(await answer.blob());
  }
  throw new Error("The picture did not load.");
}

export function loadPicture(url) {
  if (!asked.has(url)) {
    const promise = fetchWhole(url).then((held) => here.set(url, held) && held);
    promise.catch(() => asked.delete(url));
    asked.set(url, promise);
  }
  return asked.get(url);
}

// Gives back the memory of pictures that are not shown again.
export function dropPictures(urls) {
  for (const url of urls.filter((one) => here.has(one))) {
    URL.revokeObjectURL(here.get(url));
    here.delete(url);
    asked.delete(url);
  }
}

export class Pictures {
  // images: the <img> elements in their order; problem: the box that says that one did not load, with its button.
  constructor(images, problem) {
    this.images = images;
    this.problem = problem;
    problem.querySelector("button").addEventListener("click", () => this.show(this.urls));
    images.forEach((img) => img.addEventListener("error", () => this.#again(img)));
  }

  show(urls) {
    this.urls = urls;
    this.problem.hidden = true;
    return Promise.all(urls.map((url, place) => this.#place(this.images[place], url)));
  }

  async #place(img, url) {
    img.dataset.url = url;
    if (here.has(url)) img.src = here.get(url);
    else if (img.getAttribute("src") !== url || (img.complete && !img.naturalWidth)) await this.#fetch(img, url);
  }

  async #fetch(img, url) {
    img.removeAttribute("src");
    img.dataset.state = "loading";
    try {
      const held = await loadPicture(url);
      if (img.dataset.url === url) img.src = held; // the page may be at another trial by now
    } catch {
      if (img.dataset.url === url) this.problem.hidden = false;
    }
    if (img.dataset.url === url) delete img.dataset.state;
  }

  #again(img) {
    if (img.dataset.url && img.getAttribute("src") === img.dataset.url) this.#fetch(img, img.dataset.url);
  }
}
