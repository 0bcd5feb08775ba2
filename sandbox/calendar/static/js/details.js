/** The bubble of a clicked event: what it is, the way into its room, what can be done with it. */

import { api } from './api.js';
import { conferenceUrl, joinLink, solutionPicture } from './conference_field.js';
import { button, cleanedHtml, el, icon, iconButton } from './dom.js';
import { guestAnswers } from './guests_field.js';
import { t } from './i18n.js';
import { showPopover } from './popover.js';
import { deleteEvent } from './save_event.js';
import { notify } from './snackbar.js';
import { eventTimeLabel, repeatLabel } from './wall_time.js';
import { shadeOf } from './week.js';

/**
 * @param {Object} event as `/page/api/events` gives it
 * @param {{store: Object, anchor: Element, onClose: () => void, edit: (event: Object) => void}}
 *     options
 */
export function openDetails(event, { store, anchor, onClose, edit }) {
  let bubble = null;
  const duplicate = async () => {
    bubble.close();
    try {
      const copy = await api.duplicateEvent(event.calendarId, event.id);
      await store.refresh();
      notify(t('event.duplicated'));
      edit(copy);
    } catch (failure) {
      notify(t('event.not_saved', { reason: failure.message }));
    }
  };
  const remove = async () => {
    bubble.close();
    await deleteEvent(event, store);
  };
  const tools = [
    event.editable &&
      iconButton('edit', t('event.edit'), () => {
        bubble.close();
        edit(event);
      }),
    event.editable && iconButton('delete', t('event.delete'), remove),
    event.editable && iconButton('duplicate', t('event.duplicate'), duplicate),
    iconButton('close', t('action.close'), () => bubble.close()),
  ];
  const content = el(
    'div',
    { class: 'details' },
    el('div', { class: 'details-tools' }, tools),
    el(
      'div',
      { class: 'details-head' },
      el('span', { class: `swatch shade-${shadeOf(event)}`, 'aria-hidden': 'true' }),
      el(
        'div',
        {},
        el('h2', { text: event.title || t('event.untitled') }),
        el('p', { class: 'details-time', text: eventTimeLabel(event) }),
        repeatLabel(event) && el('p', { class: 'details-time', text: repeatLabel(event) }),
      ),
    ),
    event.conference &&
      line(
        solutionPicture(event.conference.icon),
        joinLink(event.conference),
        conferenceUrl(event.conference),
      ),
    event.guests.length ? line(icon('people'), guestAnswers(event)) : null,
    event.description &&
      line(icon('notes'), cleanedHtml(event.descriptionHtml, 'details-description')),
    line(icon('calendar'), el('div', { text: store.calendar(event.calendarId).name })),
    event.answer && !event.organizedByMe ? answerRow(event, store, () => bubble.close()) : null,
  );
  bubble = showPopover({
    content,
    anchor,
    label: event.title || t('event.untitled'),
    className: 'details-popover',
    onClose,
    focus: '.join, .details-tools button',
  });
  return bubble;
}

function line(picture, ...content) {
  return el('div', { class: 'form-row' }, picture, el('div', { class: 'form-row-body' }, content));
}

function answerRow(event, store, close) {
  const choose = async (answer) => {
    try {
      await api.answer(event.id, answer);
      close();
      await store.refresh();
      notify(t('event.answered'));
    } catch (failure) {
      notify(t('event.not_saved', { reason: failure.message }));
    }
  };
  return el(
    'div',
    { class: 'details-answer', role: 'group', 'aria-label': t('answer.going') },
    el('span', { text: t('answer.going') }),
    ['accepted', 'declined', 'tentative'].map((answer) =>
      button(t(`answer.choose.${answer}`), () => choose(answer), {
        kind: event.answer === answer ? 'tonal' : 'outlined',
        'aria-pressed': String(event.answer === answer),
      }),
    ),
  );
}
