/**
 * What happens when something on a card is clicked: from `onClick` in card JSON to CardService.
 *
 * The JSON names the URL to post to; CardService takes the name of a function. So every action
 * calls `onAction`, and carries the URL in a parameter of its own.
 */

/** Of action parameters: the absolute URL on BASE_URL that the click is posted to. */
const URL_PARAMETER = 'livestorm_bridge_url';

/**
 * Of action parameters: this click is the "Try again" of an error card, and tells what the card
 * stands in for. See error_card.js.
 */
const RETRY_PARAMETER = 'livestorm_bridge_retry';

/** Of action parameters: what the form held when the click failed, as JSON. */
const FORM_PARAMETER = 'livestorm_bridge_form';

/**
 * Everything that CardService lets one click.
 *
 * @typedef {object} Clickable
 * @property {(link: GoogleAppsScript.Card_Service.OpenLink) => unknown} setOpenLink
 * @property {(action: GoogleAppsScript.Card_Service.Action) => unknown} setOnClickAction
 * @property {(action: GoogleAppsScript.Card_Service.Action) => unknown} setOnClickOpenLinkAction
 */

/**
 * Whether a click has a meaning that this renderer knows and that is allowed.
 *
 * @param {unknown} json `onClick`
 * @returns {boolean}
 */
function isClickable_(json) {
  const click = objectIn_(json);
  return (
    isOpenable_(objectIn_(click.openLink)) ||
    isCallable_(objectIn_(click.action)) ||
    isCallable_(objectIn_(click.openDynamicLinkAction))
  );
}

/**
 * Gives `target` the click that the JSON asks for; none when it asks for none that is allowed.
 *
 * @template {Clickable} T
 * @param {T} target
 * @param {unknown} json `onClick`
 * @returns {T} target
 */
function withClick_(target, json) {
  const click = objectIn_(json);
  const link = objectIn_(click.openLink);
  const action = objectIn_(click.action);
  const dynamic = objectIn_(click.openDynamicLinkAction);
  if (isOpenable_(link)) target.setOpenLink(renderOpenLink_(link));
  else if (isCallable_(action)) target.setOnClickAction(renderAction_(action));
  else if (isCallable_(dynamic)) target.setOnClickOpenLinkAction(renderAction_(dynamic));
  return target;
}

/**
 * Google opens https, mailto and tel; plain http is for a sandbox on this very machine.
 *
 * @param {JsonObject} link
 * @returns {boolean}
 */
function isOpenable_(link) {
  const url = textIn_(link.url);
  return (
    /^(https:\/\/[^/\s]|mailto:|tel:)/.test(url) ||
    /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/.test(url)
  );
}

/**
 * @param {JsonObject} action
 * @returns {boolean}
 */
function isCallable_(action) {
  return isOurs_(textIn_(action.function));
}

/**
 * @param {JsonObject} link that is openable
 * @returns {GoogleAppsScript.Card_Service.OpenLink}
 */
function renderOpenLink_(link) {
  const rendered = CardService.newOpenLink().setUrl(textIn_(link.url));
  if (link.openAs === 'OVERLAY') rendered.setOpenAs(CardService.OpenAs.OVERLAY);
  if (link.openAs === 'FULL_SIZE') rendered.setOpenAs(CardService.OpenAs.FULL_SIZE);
  if (link.onClose === 'RELOAD') rendered.setOnClose(CardService.OnClose.RELOAD);
  if (link.onClose === 'NOTHING') rendered.setOnClose(CardService.OnClose.NOTHING);
  return rendered;
}

/**
 * @param {JsonObject} action that is callable
 * @returns {GoogleAppsScript.Card_Service.Action}
 */
function renderAction_(action) {
  /** @type {{[key: string]: string}} */
  const parameters = {};
  for (const item of listIn_(action.parameters)) {
    const { key, value } = objectIn_(item);
    if (textIn_(key)) parameters[textIn_(key)] = textIn_(value);
  }
  parameters[URL_PARAMETER] = textIn_(action.function);
  const rendered = CardService.newAction().setFunctionName('onAction').setParameters(parameters);
  if (action.loadIndicator === 'NONE') {
    rendered.setLoadIndicator(CardService.LoadIndicator.NONE);
  }
  if (action.loadIndicator === 'SPINNER') {
    rendered.setLoadIndicator(CardService.LoadIndicator.SPINNER);
  }
  if (action.persistValues === true) rendered.setPersistValues(true);
  if (action.allWidgetsAreRequired === true) rendered.setAllWidgetsAreRequired(true);
  for (const name of listIn_(action.requiredWidgets)) {
    if (textIn_(name)) rendered.addRequiredWidget(textIn_(name));
  }
  return rendered;
}
