/**
 * The card that is shown when the server cannot be heard or understood, with a button that does
 * the same again. "Again" has to carry what the first try knew:
 *
 * - a trigger's card is the first of its stack, so the new one takes its place;
 * - a click's error card lies on top of the card with the form, so that nothing typed is lost;
 *   it carries the form's values, because a click on it has none, and goes away on success.
 */

/** @typedef {'trigger' | 'click'} Origin what the error card stands in for */

/**
 * @param {Failure} failure
 * @param {string} url that was posted to
 * @param {EventObject} event that was posted
 * @param {Origin} origin
 * @returns {GoogleAppsScript.Card_Service.Card}
 */
function renderErrorCard_(failure, url, event, origin) {
  const { userLocale, parameters, formInputs } = event.commonEventObject;
  const texts = messagesFor_(userLocale);
  const words = {
    unreachable: { title: texts.unreachableTitle, text: texts.unreachableText },
    unreadable: { title: texts.unreadableTitle, text: texts.unreadableText },
    unauthorized: { title: texts.unauthorizedTitle, text: texts.unauthorizedText },
  };
  const { title, text } = words[failure];
  const carried = Object.entries(parameters ?? {}).map(([key, value]) => ({ key, value }));
  carried.push({ key: RETRY_PARAMETER, value: origin });
  if (formInputs !== undefined) carried.push({ key: FORM_PARAMETER, value: JSON.stringify(formInputs) });
  const again = { action: { function: url, parameters: carried } };
  return renderCard_({
    header: { title },
    sections: [
      {
        widgets: [
          { textParagraph: { text } },
          { buttonList: { buttons: [{ text: texts.retry, type: 'FILLED', onClick: again }] } },
        ],
      },
    ],
  });
}

/**
 * What the bridge itself put into a click's parameters.
 *
 * @typedef {object} BridgeParameters
 * @property {string} url absolute URL to post to
 * @property {Origin | null} retryOf null for a click on a card of the server
 */

/**
 * Takes the bridge's own parameters out of an event object, and puts the carried form back.
 *
 * @param {EventObject} event changed in place
 * @returns {BridgeParameters}
 */
function takeBridgeParameters_(event) {
  const common = event.commonEventObject;
  const {
    [URL_PARAMETER]: url = '',
    [RETRY_PARAMETER]: retry,
    [FORM_PARAMETER]: form,
    ...parameters
  } = common.parameters ?? {};
  common.parameters = parameters;
  if (form) common.formInputs = parsed_(form) ?? null;
  return { url, retryOf: retry === 'trigger' || retry === 'click' ? retry : null };
}
