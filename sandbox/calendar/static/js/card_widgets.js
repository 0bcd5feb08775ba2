/** Widgets of a card, one function each. What a click does is the card view's business. */

import { cardIcon } from './card_icons.js';
import { cardText } from './card_text.js';
import { el, freshId } from './dom.js';

const BUTTON_KINDS = {
  FILLED: 'filled',
  FILLED_TONAL: 'tonal',
  OUTLINED: 'outlined',
  BORDERLESS: 'plain',
};

/**
 * @typedef {Object} CardView
 * @property {(click: Object) => void} click runs a CLICK
 * @property {(action: Object) => void} act runs an ACTION
 */

/** Black or white, whichever reads better on `color` (#rrggbb). */
function textOn(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  // The weights of relative luminance, WCAG 2.2.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 150 ? '#1f1f1f' : '#ffffff';
}

/** @param {Object} data BUTTON; @param {CardView} view */
export function cardButton(data, view) {
  const color = data.backgroundColor;
  const kind = color ? 'filled' : (BUTTON_KINDS[data.type] ?? 'outlined');
  const control = el(
    'button',
    {
      type: 'button',
      class: data.icon ? 'icon-button' : `button button-${kind} card-button`,
      disabled: data.disabled,
      'aria-label': data.altText,
      title: data.icon ? data.altText : null,
      on: { click: () => view.click(data.onClick) },
    },
    data.icon ? cardIcon(data.icon) : data.text,
  );
  if (color) {
    control.style.backgroundColor = color;
    control.style.color = textOn(color);
  }
  return control;
}

function textInput(data, view) {
  const id = freshId('card-input');
  const many = data.type === 'MULTIPLE_LINE';
  const input = el(many ? 'textarea' : 'input', {
    id,
    class: 'field card-input',
    name: data.name,
    type: many ? null : 'text',
    rows: many ? '3' : null,
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: data.validation?.characterLimit,
    value: data.value ?? '',
    placeholder: ' ',
    'aria-describedby': data.hintText ? `${id}-hint` : null,
    'aria-label': data.label ? null : data.hintText,
    list: data.initialSuggestions ? `${id}-list` : null,
    on: { change: () => data.onChangeAction && view.act(data.onChangeAction) },
  });
  return el(
    'div',
    { class: 'card-text-input' },
    el('div', { class: 'floating-label' }, input, data.label && el('label', { for: id, text: data.label })),
    data.hintText && el('p', { class: 'card-hint', id: `${id}-hint`, text: data.hintText }),
    data.initialSuggestions &&
      el(
        'datalist',
        { id: `${id}-list` },
        data.initialSuggestions.items.map(({ text }) => el('option', { value: text })),
      ),
  );
}

function toggle(data, view, label) {
  return el('input', {
    type: 'checkbox',
    class: data.controlType === 'CHECK_BOX' ? '' : 'switch',
    role: data.controlType === 'CHECK_BOX' ? null : 'switch',
    name: data.name,
    value: data.value,
    checked: Boolean(data.selected),
    'aria-label': label,
    on: { change: () => data.onChangeAction && view.act(data.onChangeAction) },
  });
}

function decoratedText(data, view) {
  const body = el(
    'span',
    { class: `decorated-body${data.wrapText ? ' wrap' : ''}` },
    data.topLabel && cardText(data.topLabel, 'decorated-label'),
    cardText(data.text, 'decorated-text'),
    data.bottomLabel && cardText(data.bottomLabel, 'decorated-label'),
  );
  const lead = data.startIcon && cardIcon(data.startIcon);
  const main = data.onClick
    ? el(
        'button',
        {
          type: 'button',
          class: 'decorated-main clickable',
          on: { click: () => view.click(data.onClick) },
        },
        lead,
        body,
      )
    : el('div', { class: 'decorated-main' }, lead, body);
  return el(
    'div',
    { class: 'decorated' },
    main,
    data.button && cardButton(data.button, view),
    data.switchControl && toggle(data.switchControl, view, data.topLabel ?? data.text),
    data.endIcon && cardIcon(data.endIcon),
  );
}

function selectionInput(data, view) {
  const changed = () => data.onChangeAction && view.act(data.onChangeAction);
  if (data.type === 'DROPDOWN') {
    const id = freshId('card-select');
    const select = el(
      'select',
      { id, class: 'field', name: data.name, on: { change: changed } },
      data.items.map((item) =>
        el('option', { value: item.value, selected: item.selected, text: item.text }),
      ),
    );
    return el(
      'div',
      { class: 'card-select' },
      data.label && el('label', { for: id, text: data.label }),
      select,
    );
  }
  const radio = data.type === 'RADIO_BUTTON';
  return el(
    'fieldset',
    { class: 'card-choices' },
    data.label && el('legend', { text: data.label }),
    data.items.map((item) =>
      el(
        'label',
        { class: 'check' },
        el('input', {
          type: radio ? 'radio' : 'checkbox',
          class: data.type === 'SWITCH' ? 'switch' : '',
          name: data.name,
          value: item.value,
          checked: Boolean(item.selected),
          on: { change: changed },
        }),
        el('span', { text: item.text }),
      ),
    ),
  );
}

function image(data, view) {
  const picture = el('img', { class: 'card-image', src: data.imageUrl, alt: data.altText ?? '' });
  if (!data.onClick) return picture;
  return el(
    'button',
    { type: 'button', class: 'card-image-button', on: { click: () => view.click(data.onClick) } },
    picture,
  );
}

const WIDGETS = {
  textParagraph: (data) => cardText(data.text, 'card-paragraph'),
  textInput,
  decoratedText,
  buttonList: (data, view) =>
    el(
      'div',
      { class: 'card-buttons' },
      data.buttons.map((one) => cardButton(one, view)),
    ),
  selectionInput,
  image,
  divider: () => el('hr', { class: 'card-divider' }),
};

/**
 * @param {Object} widget one key: the widget's kind
 * @param {CardView} view
 * @throws {Error} for a widget Calendar would not know either
 */
export function cardWidget(widget, view) {
  const [kind] = Object.keys(widget);
  const make = WIDGETS[kind];
  if (!make) throw new Error(`Unknown widget: ${kind}`);
  return el('div', { class: `card-widget widget-${kind}` }, make(widget[kind], view));
}
