/** The page's own texts, from one catalogue file per language. */

import { api } from './api.js';

let texts = {};
let current = 'en';

/** BCP 47 tags used for dates, and sent to the add-on as the person's locale. */
const TAGS = { en: 'en-US', fr: 'fr-FR', de: 'de-DE', es: 'es-ES' };

export async function loadLanguage(language) {
  current = language;
  texts = await api.catalogue(language);
  document.documentElement.lang = language;
}

/** The text for `key`, with `{name}` placeholders filled in. A missing key is shown as itself. */
export function t(key, values = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (match, name) => values[name] ?? match);
}

export const language = () => current;
export const localeTag = () => TAGS[current] ?? current;

/** `1 guest`, `3 guests`: picks `key.one` or `key.other` by the language's plural rule. */
export function plural(key, count) {
  const rule = new Intl.PluralRules(localeTag()).select(count);
  return t(`${key}.${rule === 'one' ? 'one' : 'other'}`, { count: String(count) });
}
