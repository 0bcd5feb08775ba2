/**
 * From the widgets of card JSON to those of CardService. Each function answers null for what it
 * cannot make.
 */

/**
 * The names of the built-in icons (developers.google.com/apps-script/reference/card-service/icon).
 *
 * @type {ReadonlyArray<keyof typeof GoogleAppsScript.Card_Service.Icon>}
 */
const KNOWN_ICONS = [
  'AIRPLANE', 'BOOKMARK', 'BUS', 'CAR', 'CLOCK', 'CONFIRMATION_NUMBER_ICON', 'DESCRIPTION',
  'DOLLAR', 'EMAIL', 'EVENT_PERFORMER', 'EVENT_SEAT', 'FLIGHT_ARRIVAL', 'FLIGHT_DEPARTURE',
  'HOTEL', 'HOTEL_ROOM_TYPE', 'INVITE', 'MAP_PIN', 'MEMBERSHIP', 'MULTIPLE_PEOPLE', 'OFFER',
  'PERSON', 'PHONE', 'RESTAURANT_ICON', 'SHOPPING_CART', 'STAR', 'STORE', 'TICKET', 'TRAIN',
  'VIDEO_CAMERA', 'VIDEO_PLAY',
];

/** @typedef {GoogleAppsScript.Card_Service.Widget} Widget */

/**
 * @param {unknown} json
 * @returns {Widget | null}
 */
function renderWidget_(json) {
  const widget = objectIn_(json);
  if (has_(widget, 'textParagraph')) return renderTextParagraph_(objectIn_(widget.textParagraph));
  if (has_(widget, 'textInput')) return renderTextInput_(objectIn_(widget.textInput));
  if (has_(widget, 'decoratedText')) return renderDecoratedText_(objectIn_(widget.decoratedText));
  if (has_(widget, 'buttonList')) return renderButtonList_(objectIn_(widget.buttonList));
  if (has_(widget, 'selectionInput')) {
    return renderSelectionInput_(objectIn_(widget.selectionInput));
  }
  if (has_(widget, 'image')) return renderImage_(objectIn_(widget.image));
  if (has_(widget, 'divider')) return CardService.newDivider();
  return null;
}

/**
 * @param {JsonObject} paragraph
 * @returns {Widget | null}
 */
function renderTextParagraph_(paragraph) {
  const text = textIn_(paragraph.text);
  return text ? CardService.newTextParagraph().setText(text) : null;
}

/**
 * @param {JsonObject} input
 * @returns {Widget | null}
 */
function renderTextInput_(input) {
  const name = textIn_(input.name);
  const label = textIn_(input.label);
  const hint = textIn_(input.hintText);
  if (!name || !(label || hint)) return null;
  const rendered = CardService.newTextInput().setFieldName(name);
  if (label) rendered.setTitle(label);
  if (hint) rendered.setHint(hint);
  if (textIn_(input.value)) rendered.setValue(textIn_(input.value));
  if (input.type === 'MULTIPLE_LINE') rendered.setMultiline(true);
  const onChange = objectIn_(input.onChangeAction);
  if (isCallable_(onChange)) rendered.setOnChangeAction(renderAction_(onChange));
  const suggestions = listIn_(objectIn_(input.initialSuggestions).items)
    .map((item) => textIn_(objectIn_(item).text))
    .filter((text) => text !== '');
  if (suggestions.length > 0) {
    const list = CardService.newSuggestions();
    for (const suggestion of suggestions) list.addSuggestion(suggestion);
    rendered.setSuggestions(list);
  }
  if (has_(input, 'validation')) rendered.setValidation(renderValidation_(input.validation));
  return rendered;
}

/**
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.Validation}
 */
function renderValidation_(json) {
  const { characterLimit, inputType } = objectIn_(json);
  const rendered = CardService.newValidation();
  if (typeof characterLimit === 'number' && Number.isInteger(characterLimit)) {
    rendered.setCharacterLimit(characterLimit);
  }
  if (inputType === 'TEXT') rendered.setInputType(CardService.InputType.TEXT);
  if (inputType === 'INTEGER') rendered.setInputType(CardService.InputType.INTEGER);
  if (inputType === 'FLOAT') rendered.setInputType(CardService.InputType.FLOAT);
  if (inputType === 'EMAIL') rendered.setInputType(CardService.InputType.EMAIL);
  return rendered;
}

/**
 * @param {JsonObject} decorated
 * @returns {Widget | null}
 */
function renderDecoratedText_(decorated) {
  const text = textIn_(decorated.text);
  if (!text) return null;
  const rendered = withClick_(CardService.newDecoratedText().setText(text), decorated.onClick);
  if (textIn_(decorated.topLabel)) rendered.setTopLabel(textIn_(decorated.topLabel));
  if (textIn_(decorated.bottomLabel)) rendered.setBottomLabel(textIn_(decorated.bottomLabel));
  if (decorated.wrapText === true) rendered.setWrapText(true);
  const startIcon = renderIcon_(decorated.startIcon) ?? renderIcon_(decorated.icon);
  if (startIcon) rendered.setStartIcon(startIcon);
  const button = renderButton_(objectIn_(decorated.button));
  const control = renderSwitch_(objectIn_(decorated.switchControl));
  const endIcon = renderIcon_(decorated.endIcon);
  if (button) rendered.setButton(button);
  else if (control) rendered.setSwitchControl(control);
  else if (endIcon) rendered.setEndIcon(endIcon);
  return rendered;
}

/**
 * @param {JsonObject} control
 * @returns {GoogleAppsScript.Card_Service.Switch | null}
 */
function renderSwitch_(control) {
  const name = textIn_(control.name);
  if (!name) return null;
  // A switch without a value could not be told from one that is off.
  const rendered = CardService.newSwitch()
    .setFieldName(name)
    .setValue(textIn_(control.value) || 'on')
    .setSelected(control.selected === true);
  if (control.controlType === 'SWITCH') {
    rendered.setControlType(CardService.SwitchControlType.SWITCH);
  }
  if (control.controlType === 'CHECK_BOX') {
    rendered.setControlType(CardService.SwitchControlType.CHECK_BOX);
  }
  const onChange = objectIn_(control.onChangeAction);
  if (isCallable_(onChange)) rendered.setOnChangeAction(renderAction_(onChange));
  return rendered;
}

/**
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.IconImage | null}
 */
function renderIcon_(json) {
  const icon = objectIn_(json);
  const known = KNOWN_ICONS.find((name) => name === icon.knownIcon);
  const material = renderMaterialIcon_(icon.materialIcon);
  const rendered = CardService.newIconImage();
  if (known) rendered.setIcon(CardService.Icon[known]);
  else if (textIn_(icon.iconUrl)) rendered.setIconUrl(textIn_(icon.iconUrl));
  else if (material) rendered.setMaterialIcon(material);
  else return null;
  if (textIn_(icon.altText)) rendered.setAltText(textIn_(icon.altText));
  return rendered;
}

/**
 * @param {unknown} json
 * @returns {GoogleAppsScript.Card_Service.MaterialIcon | null}
 */
function renderMaterialIcon_(json) {
  const { name, fill } = objectIn_(json);
  if (!textIn_(name)) return null;
  const rendered = CardService.newMaterialIcon().setName(textIn_(name));
  return fill === true ? rendered.setFill(true) : rendered;
}

/**
 * @param {JsonObject} list
 * @returns {Widget | null}
 */
function renderButtonList_(list) {
  const buttons = listIn_(list.buttons)
    .map((button) => renderButton_(objectIn_(button)))
    .filter((button) => button !== null)
    .slice(0, MOST_PER_LIST);
  if (buttons.length === 0) return null;
  const rendered = CardService.newButtonSet();
  for (const button of buttons) rendered.addButton(button);
  return rendered;
}

/**
 * @param {JsonObject} button
 * @returns {GoogleAppsScript.Card_Service.Button | null}
 */
function renderButton_(button) {
  return textIn_(button.text) ? renderTextButton_(button) : renderImageButton_(button);
}

/**
 * @param {JsonObject} button
 * @returns {GoogleAppsScript.Card_Service.TextButton | null}
 */
function renderTextButton_(button) {
  const text = textIn_(button.text);
  if (!text || !isClickable_(button.onClick)) return null;
  const rendered = withClick_(CardService.newTextButton().setText(text), button.onClick);
  if (textIn_(button.altText)) rendered.setAltText(textIn_(button.altText));
  if (button.disabled === true) rendered.setDisabled(true);
  const styles = CardService.TextButtonStyle;
  if (button.type === 'OUTLINED') rendered.setTextButtonStyle(styles.OUTLINED);
  if (button.type === 'FILLED') rendered.setTextButtonStyle(styles.FILLED);
  if (button.type === 'FILLED_TONAL') rendered.setTextButtonStyle(styles.FILLED_TONAL);
  if (button.type === 'BORDERLESS') rendered.setTextButtonStyle(styles.BORDERLESS);
  // In card JSON a colour makes a button filled, whatever its type says.
  if (has_(button, 'color')) {
    rendered.setTextButtonStyle(styles.FILLED).setBackgroundColor(hexColor_(button.color));
  }
  return rendered;
}

/**
 * @param {JsonObject} button
 * @returns {GoogleAppsScript.Card_Service.ImageButton | null}
 */
function renderImageButton_(button) {
  const icon = objectIn_(button.icon);
  const known = KNOWN_ICONS.find((name) => name === icon.knownIcon);
  const material = renderMaterialIcon_(icon.materialIcon);
  if (!isClickable_(button.onClick)) return null;
  const rendered = withClick_(CardService.newImageButton(), button.onClick);
  if (known) rendered.setIcon(CardService.Icon[known]);
  else if (textIn_(icon.iconUrl)) rendered.setIconUrl(textIn_(icon.iconUrl));
  else if (material) rendered.setMaterialIcon(material);
  else return null;
  const altText = textIn_(button.altText) || textIn_(icon.altText);
  if (altText) rendered.setAltText(altText);
  return rendered;
}

/**
 * @param {unknown} json `{red, green, blue}`, each 0 to 1, absent for 0 (google.type.Color)
 * @returns {string} "#rrggbb"
 */
function hexColor_(json) {
  const { red, green, blue } = objectIn_(json);
  const parts = [red, green, blue].map((part) => {
    const share = typeof part === 'number' ? Math.min(Math.max(part, 0), 1) : 0;
    return Math.round(share * 255).toString(16).padStart(2, '0');
  });
  return '#' + parts.join('');
}

/**
 * @param {JsonObject} input
 * @returns {Widget | null}
 */
function renderSelectionInput_(input) {
  const name = textIn_(input.name);
  const items = listIn_(input.items)
    .map(objectIn_)
    .filter((item) => textIn_(item.text) !== '');
  if (!name || items.length === 0) return null;
  const rendered = CardService.newSelectionInput().setFieldName(name);
  if (textIn_(input.label)) rendered.setTitle(textIn_(input.label));
  const types = CardService.SelectionInputType;
  if (input.type === 'CHECK_BOX') rendered.setType(types.CHECK_BOX);
  if (input.type === 'RADIO_BUTTON') rendered.setType(types.RADIO_BUTTON);
  if (input.type === 'SWITCH') rendered.setType(types.SWITCH);
  if (input.type === 'DROPDOWN') rendered.setType(types.DROPDOWN);
  for (const item of items) {
    rendered.addItem(textIn_(item.text), textIn_(item.value), item.selected === true);
  }
  const onChange = objectIn_(input.onChangeAction);
  if (isCallable_(onChange)) rendered.setOnChangeAction(renderAction_(onChange));
  return rendered;
}

/**
 * @param {JsonObject} image
 * @returns {Widget | null}
 */
function renderImage_(image) {
  const url = textIn_(image.imageUrl);
  if (!url) return null;
  // Google requires an alternative text; an empty one says that the image is decoration.
  const rendered = CardService.newImage().setImageUrl(url).setAltText(textIn_(image.altText));
  return withClick_(rendered, image.onClick);
}
