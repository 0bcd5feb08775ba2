/** A built card as elements, and what people typed into it as form inputs. */

import { cardIcon } from './card_icons.js';
import { cardButton, cardWidget } from './card_widgets.js';
import { el, icon } from './dom.js';
import { t } from './i18n.js';

function header(data) {
  return el(
    'header',
    { class: 'card-header' },
    data.imageUrl &&
      cardIcon({
        iconUrl: data.imageUrl,
        altText: data.imageAltText,
        imageType: data.imageType,
      }),
    el(
      'div',
      {},
      el('h3', { text: data.title }),
      data.subtitle && el('p', { class: 'card-subtitle', text: data.subtitle }),
    ),
  );
}

function section(data, view) {
  const widgets = data.widgets.map((widget) => cardWidget(widget, view));
  const heading = data.header && el('h4', { class: 'card-section-title', text: data.header });
  if (!data.collapsible) return el('section', { class: 'card-section' }, heading, widgets);
  const always = data.uncollapsibleWidgetsCount ?? 0;
  const more = el('div', { class: 'card-more', hidden: true }, widgets.slice(always));
  const toggle = el(
    'button',
    {
      type: 'button',
      class: 'card-toggle',
      'aria-expanded': 'false',
      on: {
        click: () => {
          more.hidden = !more.hidden;
          toggle.setAttribute('aria-expanded', String(!more.hidden));
        },
      },
    },
    el('span', { text: t('card.more') }),
    icon('arrow-down'),
  );
  return el('section', { class: 'card-section' }, heading, widgets.slice(0, always), more, toggle);
}

/**
 * @param {Object} card a card as `apps_script/services.js` describes it
 * @param {import('./card_widgets.js').CardView} view
 * @returns {HTMLElement}
 */
export function renderCard(card, view) {
  const footer = card.fixedFooter;
  return el(
    'article',
    { class: 'card', data: { name: card.name ?? '' } },
    card.header && header(card.header),
    (card.sections ?? []).map((one) => section(one, view)),
    footer &&
      el(
        'footer',
        { class: 'card-footer' },
        footer.secondaryButton && cardButton({ type: 'OUTLINED', ...footer.secondaryButton }, view),
        footer.primaryButton && cardButton(footer.primaryButton, view),
      ),
  );
}

/**
 * What is typed and ticked: `formInputs` of the event object. A group with nothing ticked has no
 * key, as at Google.
 */
export function formInputsOf(root) {
  const inputs = {};
  for (const field of root.querySelectorAll('[name]')) {
    const ticks = field.type === 'checkbox' || field.type === 'radio';
    if (!field.name || (ticks && !field.checked)) continue;
    inputs[field.name] ??= { stringInputs: { value: [] } };
    inputs[field.name].stringInputs.value.push(field.value);
  }
  return inputs;
}

/** The names among `required` (or of all fields) that hold nothing. */
export function missingFields(root, action) {
  const filled = formInputsOf(root);
  const names = action.allWidgetsAreRequired
    ? [...root.querySelectorAll('[name]')].map((field) => field.name).filter(Boolean)
    : (action.requiredWidgets ?? []);
  return [...new Set(names)].filter((name) => !filled[name]?.stringInputs.value.some(Boolean));
}

/** Puts values a person typed back into a card that was drawn anew. */
export function restoreInputs(root, inputs) {
  for (const field of root.querySelectorAll('input[type="text"][name], textarea[name]')) {
    const typed = inputs[field.name]?.stringInputs.value[0];
    if (typed !== undefined) field.value = typed;
  }
}
