/**
 * From card JSON (google.apps.card.v1) to CardService objects.
 *
 * A widget that this renderer does not know, or that lacks what Google requires of it, is left
 * out, and the rest of the card is shown: the server may be newer than the bridge.
 */

/** Sections of a card, and widgets of a section, that Google takes (CardBuilder.addSection). */
const MOST_PER_LIST = 100;

/**
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.Card}
 * @throws {Error} when too little is left to make a card
 */
function renderCard_(json) {
  const card = objectIn_(json);
  const builder = CardService.newCardBuilder();
  const header = renderHeader_(card.header);
  if (header) builder.setHeader(header);
  const peekHeader = renderHeader_(card.peekCardHeader);
  if (peekHeader) builder.setPeekCardHeader(peekHeader);
  if (textIn_(card.name)) builder.setName(textIn_(card.name));
  if (card.displayStyle === 'PEEK') builder.setDisplayStyle(CardService.DisplayStyle.PEEK);
  if (card.displayStyle === 'REPLACE') builder.setDisplayStyle(CardService.DisplayStyle.REPLACE);
  for (const section of listIn_(card.sections).slice(0, MOST_PER_LIST)) {
    const rendered = renderSection_(section);
    if (rendered) builder.addSection(rendered);
  }
  for (const action of listIn_(card.cardActions).slice(0, MOST_PER_LIST)) {
    const rendered = renderCardAction_(action);
    if (rendered) builder.addCardAction(rendered);
  }
  const footer = renderFixedFooter_(card.fixedFooter);
  if (footer) builder.setFixedFooter(footer);
  return builder.build();
}

/**
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.CardHeader | null}
 */
function renderHeader_(json) {
  const header = objectIn_(json);
  if (!textIn_(header.title)) return null;
  const rendered = CardService.newCardHeader().setTitle(textIn_(header.title));
  if (textIn_(header.subtitle)) rendered.setSubtitle(textIn_(header.subtitle));
  if (textIn_(header.imageUrl)) rendered.setImageUrl(textIn_(header.imageUrl));
  if (textIn_(header.imageAltText)) rendered.setImageAltText(textIn_(header.imageAltText));
  if (header.imageType === 'SQUARE') rendered.setImageStyle(CardService.ImageStyle.SQUARE);
  if (header.imageType === 'CIRCLE') rendered.setImageStyle(CardService.ImageStyle.CIRCLE);
  return rendered;
}

/**
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.CardSection | null}
 */
function renderSection_(json) {
  const section = objectIn_(json);
  const widgets = listIn_(section.widgets)
    .map(renderWidget_)
    .filter((widget) => widget !== null)
    .slice(0, MOST_PER_LIST);
  if (widgets.length === 0) return null;
  const rendered = CardService.newCardSection();
  if (textIn_(section.header)) rendered.setHeader(textIn_(section.header));
  if (section.collapsible === true) rendered.setCollapsible(true);
  const uncollapsible = section.uncollapsibleWidgetsCount;
  if (typeof uncollapsible === 'number' && Number.isInteger(uncollapsible) && uncollapsible > 0) {
    rendered.setNumUncollapsibleWidgets(uncollapsible);
  }
  for (const widget of widgets) rendered.addWidget(widget);
  return rendered;
}

/**
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.CardAction | null}
 */
function renderCardAction_(json) {
  const action = objectIn_(json);
  const label = textIn_(action.actionLabel);
  if (!label || !isClickable_(action.onClick)) return null;
  return withClick_(CardService.newCardAction().setText(label), action.onClick);
}

/**
 * Google takes a FILLED primary button, and an OUTLINED secondary one only beside it
 * (developers.google.com/apps-script/reference/card-service/fixed-footer).
 *
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.FixedFooter | null}
 */
function renderFixedFooter_(json) {
  const footer = objectIn_(json);
  const primary = renderTextButton_(objectIn_(footer.primaryButton));
  if (!primary) return null;
  const rendered = CardService.newFixedFooter().setPrimaryButton(
    primary.setTextButtonStyle(CardService.TextButtonStyle.FILLED)
  );
  const secondary = renderTextButton_(objectIn_(footer.secondaryButton));
  if (secondary) {
    rendered.setSecondaryButton(
      secondary.setTextButtonStyle(CardService.TextButtonStyle.OUTLINED)
    );
  }
  return rendered;
}
