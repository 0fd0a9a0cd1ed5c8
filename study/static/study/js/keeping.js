// Where answers lie on this device until the server has them: in IndexedDB; where a browser refuses that, in
// localStorage; where it refuses both (or the disk is full), in this page alone, which `add` then says.

const DATABASE = "earsight";
const STORE = "answers";
const PATIENCE_MS = 3000; // some browsers neither grant nor refuse, for ever

function openDatabase() {
  return new Promise((done, refuse) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: ["box", "presentation"] });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => refuse(asked.error);
  });
}

class Database {
  constructor(box) {
    this.box = box;
    this.silent = false;
  }

  // Gives up a database that does not answer, and from then on at once.
  async #within(mode, act) {
    if (this.silent) throw new Error("The storage does not answer.");
    const silence = new Promise((_, refuse) => {
      setTimeout(() => refuse(new DOMException("The storage does not answer.", "TimeoutError")), PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#transact(mode, act), silence]);
    } catch (error) {
      this.opened = null; // phones close databases behind a page's back: the next time opens it anew
      this.silent = error.name === "TimeoutError";
      throw error;
    }
  }

  // Resolves with what `act` asked for, once the transaction is on the disk.
  async #transact(mode, act) {
    this.opened ??= openDatabase();
    const database = await this.opened;
    return new Promise((done, refuse) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = () => refuse(transaction.error ?? new Error("The storage gave up."));
    });
  }

  all() {
    return this.#within("readonly", (store) => store.getAll(IDBKeyRange.bound([this.box], [this.box, []])));
  }

  // The first answer stays: another tab may have been quicker.
  add(entry) {
    const put = (store) => {
      const asked = store.get([this.box, entry.presentation]);
      asked.onsuccess = () => asked.result || store.add({ ...entry, box: this.box });
      return asked;
    };
    return this.#within("readwrite", put);
  }

  remove(presentation) {
    return this.#within("readwrite", (store) => store.delete([this.box, presentation]));
  }
}

class SmallStorage {
  constructor(box) {
    this.key = `earsight-outbox-${box}`;
  }

  async all() {
    return JSON.parse(localStorage.getItem(this.key)) ?? [];
  }

  async add(entry) {
    localStorage.setItem(this.key, JSON.stringify([...(await this.all()), entry]));
  }

  async remove(presentation) {
    const rest = (await this.all()).filter((entry) => entry.presentation !== presentation);
    if (rest.length) localStorage.setItem(this.key, JSON.stringify(rest));
    else localStorage.removeItem(this.key);
  }
}

export class Keeping {
  // box: the name of one visit's answers.
  constructor(box) {
    this.places = [new Database(box), new SmallStorage(box)];
  }

  // Every answer that waits in any place, oldest first, each once.
  async all() {
    const found = await Promise.all(this.places.map((place) => place.all().catch(() => [])));
    const once = new Map(found.flat().map((entry) => [entry.presentation, entry]));
    return [...once.values()].sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
  }

  // Resolves with whether the answer will outlive this page.
  async add(entry) {
    for (const place of this.places) {
      try {
        await place.add(entry);
        return true;
      } catch {
        // Refused, full or silent: the next place.
      }
    }
    return false;
  }

  async remove(presentation) {
    await Promise.all(this.places.map((place) => place.remove(presentation).catch(() => {})));
  }
}
