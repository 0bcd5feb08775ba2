/**
 * Reading JSON of which nothing is known: each function answers with a value of its type,
 * an empty one when the JSON has something else there.
 */

/** @typedef {{[key: string]: unknown}} JsonObject */

/**
 * @param {unknown} value
 * @returns {JsonObject}
 */
function objectIn_(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? /** @type {JsonObject} */ (value)
    : {};
}

/**
 * @param {unknown} value
 * @returns {unknown[]}
 */
function listIn_(value) {
  return Array.isArray(value) ? value : [];
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function textIn_(value) {
  return typeof value === 'string' ? value : '';
}

/**
 * Whether the JSON has anything at all under `key`.
 *
 * @param {JsonObject} json
 * @param {string} key
 * @returns {boolean}
 */
function has_(json, key) {
  return Object.prototype.hasOwnProperty.call(json, key) && json[key] !== null;
}

/**
 * What the text says in JSON; undefined when it is none.
 *
 * @param {string} text
 * @returns {unknown}
 */
function parsed_(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return undefined;
  }
}
