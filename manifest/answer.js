/**
 * From the server's answers (RenderActions of google.apps.card.v1) to what Google expects of
 * each kind of function. An answer to a click may come wrapped in `renderActions`
 * (developers.google.com/workspace/add-ons/guides/alternate-runtimes).
 */

/**
 * @param {JsonObject} body
 * @returns {JsonObject}
 */
function renderActionsIn_(body) {
  return has_(body, 'renderActions') ? objectIn_(body.renderActions) : body;
}

/**
 * The cards in an answer to a trigger.
 *
 * @param {JsonObject} body
 * @returns {GoogleAppsScript.Card_Service.Card[]}
 * @throws {Error} when there is none
 */
function renderCards_(body) {
  const action = objectIn_(renderActionsIn_(body).action);
  const cards = listIn_(action.navigations)
    .map(objectIn_)
    .map((step) => step.pushCard ?? step.updateCard)
    .filter((card) => card !== undefined)
    .map(renderCard_);
  if (cards.length === 0) throw new Error('the answer has no card');
  return cards;
}

/**
 * What follows a click.
 *
 * @param {JsonObject} body
 * @param {Origin | null} retryOf what the clicked error card stood in for, if it was one
 * @returns {GoogleAppsScript.Card_Service.ActionResponse}
 * @throws {Error} when the answer asks for nothing that can be done
 */
function renderActionResponse_(body, retryOf) {
  const { navigations, notification, link } = objectIn_(renderActionsIn_(body).action);
  const builder = CardService.newActionResponseBuilder();
  const steps = listIn_(navigations).map(objectIn_);
  const text = textIn_(objectIn_(notification).text);
  const opens = isOpenable_(objectIn_(link));
  if (steps.length === 0 && !text && !opens) throw new Error('the answer asks for nothing');
  if (steps.length > 0 || retryOf === 'click') {
    builder.setNavigation(renderNavigation_(steps, retryOf));
  }
  if (text) builder.setNotification(CardService.newNotification().setText(text));
  if (opens) builder.setOpenLink(renderOpenLink_(objectIn_(link)));
  if (body.stateChanged === true) builder.setStateChanged(true);
  return builder.build();
}

/**
 * @param {JsonObject[]} steps
 * @param {Origin | null} retryOf
 * @returns {GoogleAppsScript.Card_Service.Navigation}
 * @throws {Error} when a step is unknown: half a way leads nowhere
 */
function renderNavigation_(steps, retryOf) {
  const navigation = CardService.newNavigation();
  if (retryOf === 'click') navigation.popCard();
  steps.forEach((step, index) => {
    const replacesError = retryOf === 'trigger' && index === 0;
    if (step.pushCard && replacesError) navigation.updateCard(renderCard_(step.pushCard));
    else if (step.pushCard) navigation.pushCard(renderCard_(step.pushCard));
    else if (step.updateCard) navigation.updateCard(renderCard_(step.updateCard));
    else if (step.pop === true) navigation.popCard();
    else if (step.popToRoot === true) navigation.popToRoot();
    else if (textIn_(step.popToCard)) navigation.popToNamedCard(textIn_(step.popToCard));
    else throw new Error('unknown navigation');
  });
  return navigation;
}

/**
 * The page of settings in an answer.
 *
 * @param {JsonObject} body
 * @returns {string} empty when there is none
 */
function settingsUrlIn_(body) {
  const { settingsUrl } = objectIn_(calendarActionIn_(body).createConferenceSettingUrlActionMarkup);
  return isOpenable_({ url: settingsUrl }) ? textIn_(settingsUrl) : '';
}

/**
 * @param {JsonObject} body
 * @returns {JsonObject}
 */
function calendarActionIn_(body) {
  return objectIn_(objectIn_(renderActionsIn_(body).hostAppAction).calendarAction);
}
