/**
 * The one way out of the bridge: an event object goes to the server, its answer comes back.
 */

/**
 * Seconds to wait for a card. Google ends an add-on function after 30; the rest is for the
 * identity token and for drawing, so that the user sees our words and not Google's.
 */
const CARD_SECONDS = 20;

/**
 * Seconds to wait for a conference. The server answers within 8, whatever happens; the rest is
 * for the way there and back.
 */
const CONFERENCE_SECONDS = 11;

/**
 * Why there is no answer: nothing came back, it was no JSON object, or the server does not
 * accept who is calling.
 *
 * @typedef {'unreachable' | 'unreadable' | 'unauthorized'} Failure
 */

/** @typedef {{body: JsonObject, failure: null} | {body: null, failure: Failure}} Answer */

/**
 * The types lag the reference, which has `timeoutSeconds`
 * (developers.google.com/apps-script/reference/url-fetch/url-fetch-app).
 *
 * @typedef {GoogleAppsScript.URL_Fetch.URLFetchRequestOptions & {timeoutSeconds: number}} FetchOptions
 */

/**
 * Whether the identity token may be sent to `url`: it lies on our server.
 *
 * @param {string} url
 * @returns {boolean}
 */
function isOurs_(url) {
  return url.startsWith(BASE_URL + '/');
}

/**
 * Posts an event object to our server, as the user.
 *
 * Redirects are not followed: the identity token would travel with them.
 *
 * @param {string} url absolute, on BASE_URL
 * @param {EventObject} event without tokens
 * @param {number} seconds to wait for the answer
 * @returns {Answer}
 */
function post_(url, event, seconds) {
  if (!isOurs_(url)) {
    console.error('refused to call a URL that is not on BASE_URL');
    return { body: null, failure: 'unreadable' };
  }
  let status;
  let text;
  try {
    /** @type {string | null} null when the user did not grant `openid`. */
    const identityToken = ScriptApp.getIdentityToken();
    if (!identityToken) {
      console.error('no identity token: the scope openid is missing or was not granted');
      return { body: null, failure: 'unauthorized' };
    }
    /** @type {FetchOptions} */
    const options = {
      method: 'post',
      contentType: 'application/json',
      headers: { Authorization: 'Bearer ' + identityToken, Accept: 'application/json' },
      payload: JSON.stringify({
        ...event,
        authorizationEventObject: {
          userOAuthToken: ScriptApp.getOAuthToken(),
          userIdToken: identityToken,
        },
      }),
      muteHttpExceptions: true,
      followRedirects: false,
      timeoutSeconds: seconds,
    };
    const response = UrlFetchApp.fetch(url, options);
    status = response.getResponseCode();
    text = response.getContentText();
  } catch (error) {
    console.error('no answer from %s: %s', url, error);
    return { body: null, failure: 'unreachable' };
  }
  if (status === 200) return answerIn_(url, text);
  console.error('%s answered %s', url, status);
  return { body: null, failure: status === 401 ? 'unauthorized' : 'unreachable' };
}

/**
 * @param {string} url
 * @param {string} text
 * @returns {Answer}
 */
function answerIn_(url, text) {
  const json = parsed_(text);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    return { body: objectIn_(json), failure: null };
  }
  console.error('%s answered something that is no JSON object', url);
  return { body: null, failure: 'unreadable' };
}
