/** Saving, deleting and answering: the questions asked first and the messages shown after. */

import { api } from './api.js';
import { el, freshId } from './dom.js';
import { t } from './i18n.js';
import { ask } from './popover.js';
import { notify } from './snackbar.js';

/** Asks which events of a series are meant: `event`, `series`, or `null` for none. */
async function whichOfSeries(title) {
  const name = freshId('series');
  const choices = ['event', 'series'].map((value) => {
    const input = el('input', { type: 'radio', name, value, checked: value === 'event' });
    return { input, row: el('label', { class: 'check' }, input, t(`series.${value}`)) };
  });
  return ask({
    title,
    body: el(
      'div',
      { class: 'ask-choices' },
      choices.map(({ row }) => row),
    ),
    choices: [
      { label: t('action.cancel'), value: null },
      {
        label: t('action.ok'),
        value: () => choices.find(({ input }) => input.checked).input.value,
        kind: 'filled',
      },
    ],
  });
}

/**
 * Saves a draft.
 *
 * @param {import('./draft.js').Draft} draft
 * @param {import('./store.js').Store} store
 * @returns {Promise<Object|null>} the saved event; `null` when the person changed their mind or the
 *     server refused
 */
export async function saveDraft(draft, store) {
  draft.dispatchEvent(new Event('saving'));
  let target = 'event';
  if (!draft.isNew && draft.seriesId) {
    target = await whichOfSeries(t('series.change'));
    if (!target) return null;
  }
  try {
    const saved = await draft.save(target);
    await store.refresh();
    notify(t('event.saved'));
    return saved;
  } catch (failure) {
    notify(t('event.not_saved', { reason: failure.message }));
    return null;
  }
}

/** Deletes an event, after asking; answers whether it is gone. */
export async function deleteEvent(event, store) {
  let id = event.id;
  if (event.seriesId) {
    const target = await whichOfSeries(t('series.delete'));
    if (!target) return false;
    if (target === 'series') id = event.seriesId;
  } else if (event.guests.length) {
    const sure = await ask({
      title: t('event.delete_question'),
      choices: [
        { label: t('action.cancel'), value: false },
        { label: t('action.delete'), value: true, kind: 'filled' },
      ],
    });
    if (!sure) return false;
  }
  try {
    await api.deleteEvent(event.calendarId, id);
  } catch (failure) {
    notify(t('event.not_saved', { reason: failure.message }));
    return false;
  }
  await store.refresh();
  notify(t('event.deleted'));
  return true;
}

/** Moves an event to another time, as dragging it does. */
export async function moveEvent(event, form, store) {
  try {
    await api.changeEvent(event.calendarId, event.id, { ...form, target: 'event' });
    notify(t('event.saved'));
  } catch (failure) {
    notify(t('event.not_saved', { reason: failure.message }));
  }
  store.seen = '';
  await store.refresh();
}
