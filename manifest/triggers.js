/**
 * What Google calls: one function for each name in appsscript.json, and `onAction` for every
 * click. None of them decides anything: each carries the event object to the server and turns
 * the answer into the objects that Google wants, or says that there was none.
 */

/**
 * The add-on's icon was clicked.
 *
 * @param {unknown} event
 * @returns {GoogleAppsScript.Card_Service.Card[]}
 */
function onHomepage(event) {
  return answerTrigger_('/addon/home', event);
}

/**
 * An event was opened.
 *
 * @param {unknown} event
 * @returns {GoogleAppsScript.Card_Service.Card[]}
 */
function onEventOpen(event) {
  return answerTrigger_('/addon/event', event);
}

/**
 * "Sign out" was picked in the add-on's menu.
 *
 * @param {unknown} event
 * @returns {GoogleAppsScript.Card_Service.UniversalActionResponse}
 */
function onSignOut(event) {
  return CardService.newUniversalActionResponseBuilder()
    .displayAddOnCards(answerTrigger_('/addon/sign-out', event))
    .build();
}

/**
 * Something on a card was clicked or changed.
 *
 * @param {unknown} given
 * @returns {GoogleAppsScript.Card_Service.ActionResponse}
 */
function onAction(given) {
  const event = eventObject_(given);
  const { url, retryOf } = takeBridgeParameters_(event);
  const answer = post_(url, event, CARD_SECONDS);
  if (answer.failure !== null) return answerClickWithError_(answer.failure, url, event, retryOf);
  try {
    return renderActionResponse_(answer.body, retryOf);
  } catch (error) {
    console.error('%s answered what cannot be shown: %s', url, error);
    return answerClickWithError_('unreadable', url, event, retryOf);
  }
}

/**
 * Livestorm was picked in "Add video conferencing".
 *
 * @param {unknown} given `{eventData: {calendarId, eventId}}`
 * @returns {GoogleAppsScript.Conference_Data.ConferenceData}
 */
function createConference(given) {
  const url = BASE_URL + '/addon/conference';
  const answer = post_(url, conferenceEventObject_(given), CONFERENCE_SECONDS);
  if (answer.failure !== null) {
    // Trying again does not help where Google does not say, or we do not accept, who it is.
    const type = answer.failure === 'unauthorized' ? 'PERMISSION_DENIED' : 'TEMPORARY';
    return renderConferenceError_({ type });
  }
  try {
    return renderConference_(answer.body);
  } catch (error) {
    console.error('%s answered no conference: %s', url, error);
    return renderConferenceError_({ type: 'TEMPORARY' });
  }
}

/**
 * The add-on's settings were asked for.
 *
 * @returns {string} the URL of the page with them
 */
function createSettingsUrl() {
  const answer = post_(BASE_URL + '/addon/settings-url', eventObject_({}), CARD_SECONDS);
  return (answer.body && settingsUrlIn_(answer.body)) || BASE_URL + '/integration';
}

/**
 * @param {string} path on the server
 * @param {unknown} given
 * @returns {GoogleAppsScript.Card_Service.Card[]}
 */
function answerTrigger_(path, given) {
  const url = BASE_URL + path;
  const event = eventObject_(given);
  const answer = post_(url, event, CARD_SECONDS);
  if (answer.failure !== null) return [renderErrorCard_(answer.failure, url, event, 'trigger')];
  try {
    return renderCards_(answer.body);
  } catch (error) {
    console.error('%s answered what cannot be shown: %s', url, error);
    return [renderErrorCard_('unreadable', url, event, 'trigger')];
  }
}

/**
 * @param {Failure} failure
 * @param {string} url
 * @param {EventObject} event
 * @param {Origin | null} retryOf
 * @returns {GoogleAppsScript.Card_Service.ActionResponse}
 */
function answerClickWithError_(failure, url, event, retryOf) {
  const card = renderErrorCard_(failure, url, event, retryOf ?? 'click');
  const navigation = CardService.newNavigation();
  return CardService.newActionResponseBuilder()
    .setNavigation(retryOf ? navigation.updateCard(card) : navigation.pushCard(card))
    .build();
}
