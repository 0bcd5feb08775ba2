/** The small dialog beside a clicked slot: enough to make an event with a conference. */

import { conferenceField } from './conference_field.js';
import { button, el, icon, iconButton } from './dom.js';
import { guestsField } from './guests_field.js';
import { t } from './i18n.js';
import { showPopover } from './popover.js';
import { saveDraft } from './save_event.js';
import { timeField } from './time_field.js';

/** One row of a form: an icon at the left, the field beside it. */
export function row(iconName, ...content) {
  return el(
    'div',
    { class: 'form-row' },
    iconName ? icon(iconName) : el('span', { class: 'icon' }),
    el('div', { class: 'form-row-body' }, ...content),
  );
}

export function titleInput(draft, className) {
  const input = el('input', {
    type: 'text',
    class: `title-input ${className}`,
    placeholder: t('event.add_title'),
    'aria-label': t('event.add_title'),
    maxlength: '1024', // Google cuts nothing shorter; Livestorm's limit is the add-on's concern
    value: draft.title,
    on: {
      input: (event) => {
        draft.title = event.target.value;
        draft.dispatchEvent(new Event('title'));
      },
    },
  });
  return input;
}

export function descriptionInput(draft, rows) {
  return el('textarea', {
    class: 'field description-input',
    rows: String(rows),
    placeholder: t('event.add_description'),
    'aria-label': t('event.add_description'),
    value: draft.description,
    on: {
      input: (event) => {
        draft.description = event.target.value;
      },
    },
  });
}

/** Save, kept unusable while a conference is being made. */
export function saveButton(draft, save) {
  const control = button(t('action.save'), save, { kind: 'filled', class: 'save' });
  const update = () => {
    control.disabled = draft.conferencing.state === 'creating';
  };
  draft.addEventListener('change', update);
  update();
  return control;
}

/**
 * @param {import('./draft.js').Draft} draft
 * @param {{store: Object, addOn: Object, anchor: Element, onClose: () => void,
 *     openEditor: (draft: Object) => void}} options
 */
export function openQuickDialog(draft, { store, addOn, anchor, onClose, openEditor }) {
  let dialog = null;
  const save = async () => {
    if (await saveDraft(draft, store)) dialog.close();
  };
  const title = titleInput(draft, 'quick-title');
  title.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && draft.conferencing.state !== 'creating') save();
  });
  const body = el(
    'div',
    { class: 'quick' },
    el(
      'div',
      { class: 'quick-head' },
      iconButton('close', t('action.close'), () => dialog.close()),
    ),
    row(null, title),
    row('clock', timeField(draft, { today: () => store.now(), compact: true })),
    row('people', guestsField(draft, { permissions: false })),
    row('video', conferenceField(draft, addOn)),
    row('notes', descriptionInput(draft, 2)),
    row('calendar', el('span', { class: 'quick-calendar', text: store.calendar(draft.calendarId).name })),
    el(
      'div',
      { class: 'dialog-actions' },
      button(t('action.more_options'), () => {
        dialog.close();
        openEditor(draft);
      }),
      saveButton(draft, save),
    ),
  );
  dialog = showPopover({
    content: body,
    anchor,
    label: t('event.new'),
    className: 'quick-popover',
    onClose,
    focus: '.quick-title',
  });
  return dialog;
}
