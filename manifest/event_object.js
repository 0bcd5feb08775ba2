/**
 * The event object as the HTTP runtime of Google would send it, so that the server does not
 * know which of the two called
 * (developers.google.com/workspace/add-ons/guides/alternate-runtimes#event-objects).
 */

/**
 * @typedef {object} CommonEventObject
 * @property {string} hostApp
 * @property {string} userLocale
 * @property {string} [platform]
 * @property {unknown} [timeZone]
 * @property {{[key: string]: string}} [parameters]
 * @property {unknown} [formInputs] missing when everything on the card was left empty
 */

/**
 * @typedef {object} EventObject
 * @property {CommonEventObject} commonEventObject
 * @property {JsonObject} [calendar]
 */

/**
 * From what Google hands to a trigger or to a click.
 *
 * @param {unknown} given
 * @returns {EventObject}
 */
function eventObject_(given) {
  const { commonEventObject, calendar } = objectIn_(given);
  const common = objectIn_(commonEventObject);
  /** @type {EventObject} */
  const event = {
    commonEventObject: {
      hostApp: textIn_(common.hostApp) || 'CALENDAR',
      userLocale: textIn_(common.userLocale) || Session.getActiveUserLocale() || 'en',
    },
  };
  if (textIn_(common.platform)) event.commonEventObject.platform = textIn_(common.platform);
  if (has_(common, 'timeZone')) event.commonEventObject.timeZone = common.timeZone;
  if (has_(common, 'parameters')) {
    event.commonEventObject.parameters = textsIn_(common.parameters);
  }
  // As it is: what is damaged must not look like a form that was emptied, which clears something.
  if ('formInputs' in common) event.commonEventObject.formInputs = common.formInputs;
  if (calendar) event.calendar = objectIn_(calendar);
  return event;
}

/**
 * From what Google hands to a conference solution, which is other than everywhere else
 * (developers.google.com/workspace/add-ons/calendar/conferencing/create-conference).
 *
 * @param {unknown} given `{eventData: {calendarId, eventId}}`
 * @returns {EventObject}
 */
function conferenceEventObject_(given) {
  const { calendarId, eventId } = objectIn_(objectIn_(given).eventData);
  return eventObject_({ calendar: { calendarId: textIn_(calendarId), id: textIn_(eventId) } });
}

/**
 * The texts of a JSON object, without whatever else it has.
 *
 * @param {unknown} value
 * @returns {{[key: string]: string}}
 */
function textsIn_(value) {
  /** @type {{[key: string]: string}} */
  const texts = {};
  for (const [key, text] of Object.entries(objectIn_(value))) {
    if (typeof text === 'string') texts[key] = text;
  }
  return texts;
}
