/** The full editor: covers the calendar, leaves the add-on's panel beside it. */

import { conferenceField } from './conference_field.js';
import { button, el, icon, iconButton } from './dom.js';
import { guestsField } from './guests_field.js';
import { t } from './i18n.js';
import { ask } from './popover.js';
import { descriptionInput, row, saveButton, titleInput } from './quick_dialog.js';
import { deleteEvent, saveDraft } from './save_event.js';
import { timeField } from './time_field.js';

export class Editor extends EventTarget {
  /** Emits `open` (with `draft`) and `close`. */
  constructor(root, store, addOn) {
    super();
    this.root = root;
    this.store = store;
    this.addOn = addOn;
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.leave();
    });
  }

  open(draft) {
    this.draft = draft;
    this.root.hidden = false;
    document.body.classList.add('editing');
    const save = async () => {
      if (await saveDraft(draft, this.store)) this.close();
    };
    const remove = async () => {
      if (await deleteEvent(draft, this.store)) this.close();
    };
    this.root.setAttribute('aria-label', draft.isNew ? t('event.new') : t('event.edit'));
    this.root.replaceChildren(
      el(
        'div',
        { class: 'editor-head' },
        iconButton('close', t('action.close'), () => this.leave()),
        titleInput(draft, 'editor-title'),
        saveButton(draft, save),
        draft.isNew ? null : button(t('action.delete'), remove, { kind: 'outlined' }),
      ),
      el('div', { class: 'editor-when' }, timeField(draft, { today: () => this.store.now() })),
      el(
        'div',
        { class: 'editor-columns' },
        el(
          'section',
          { class: 'editor-details', 'aria-label': t('event.details') },
          el('h2', { class: 'tab', text: t('event.details') }),
          row('video', conferenceField(draft, this.addOn)),
          row('calendar', this.calendarField(draft)),
          row('notes', descriptionInput(draft, 8)),
        ),
        el(
          'section',
          { class: 'editor-guests', 'aria-label': t('guests.title') },
          el('h2', { class: 'tab' }, icon('people'), t('guests.title')),
          guestsField(draft),
        ),
      ),
    );
    this.root.querySelector('.editor-title').focus();
    this.dispatchEvent(new Event('open'));
  }

  calendarField(draft) {
    const choose = el('select', {
      class: 'field',
      'aria-label': t('event.calendar'),
      on: { change: (event) => draft.set({ calendarId: event.target.value }) },
    });
    for (const calendar of this.store.calendars.filter(({ writable }) => writable)) {
      choose.append(el('option', { value: calendar.id, text: calendar.name }));
    }
    choose.value = draft.calendarId;
    // An id reserved on one calendar, or an event saved there, belongs to that calendar.
    const update = () => {
      choose.disabled = !draft.isNew || Boolean(draft.id);
    };
    draft.addEventListener('change', update);
    update();
    return choose;
  }

  /** Closes, asking first when something would be lost. */
  async leave() {
    if (this.draft?.isDirty()) {
      const sure = await ask({
        title: t('event.discard_question'),
        choices: [
          { label: t('action.cancel'), value: false },
          { label: t('action.discard'), value: true, kind: 'filled' },
        ],
      });
      if (!sure) return;
    }
    this.close();
  }

  close() {
    this.draft = null;
    this.root.hidden = true;
    this.root.replaceChildren();
    document.body.classList.remove('editing');
    this.dispatchEvent(new Event('close'));
  }
}
