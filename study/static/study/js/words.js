// The page's own words, in its language: the server puts them into the page as JSON (study/web/words.py).

const box = document.getElementById("words");
const words = box ? JSON.parse(box.textContent) : {};
const plural = new Intl.PluralRules(document.documentElement.lang || "en");

// The sentence with this name; `count` chooses between its forms, %(name)s stands for a value.
export function say(name, values = {}) {
  const known = words[name] ?? "";
  const sentence = typeof known === "string" ? known : (known[plural.select(values.count)] ?? known.other);
  return sentence.replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);
}

// What the server should answer in: the page's language, which may be another than the browser's.
export const LANGUAGE = { "Accept-Language": document.documentElement.lang || "en" };
