/** Guests of an event being written: an input, one chip per guest, what guests may do. */

import { el, freshId, icon, iconButton } from './dom.js';
import { plural, t } from './i18n.js';

// Longer than a click: what is clicked must not move away under the pointer.
const AFTER_CLICK_MS = 250;

// One @ with something on both sides: what an invitation needs. The server says the rest.
const ADDRESS = /^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/;

/** A round picture with the first letter of a name, in a colour of its own. */
export function avatar(name, className = '') {
  const letter = (name || '?').trim().charAt(0).toLocaleUpperCase();
  let sum = 0;
  for (const character of name) sum += character.codePointAt(0);
  return el('span', {
    class: `avatar avatar-${sum % 6} ${className}`,
    'aria-hidden': 'true',
    text: letter,
  });
}

/**
 * @param {import('./draft.js').Draft} draft
 * @param {{permissions?: boolean}} [options] whether to show what guests may do
 */
export function guestsField(draft, { permissions = true } = {}) {
  const id = freshId('guests');
  const problem = el('p', { class: 'field-problem', id: `${id}-problem`, role: 'alert' });
  const list = el('ul', { class: 'guest-list', 'aria-label': t('guests.list') });
  const count = el('span', { class: 'guest-count' });
  const input = el('input', {
    id,
    type: 'text',
    inputmode: 'email',
    autocomplete: 'off',
    placeholder: t('guests.add'),
    'aria-label': t('guests.add'),
    'aria-describedby': `${id}-problem`,
    class: 'field guest-input',
    on: {
      keydown: (event) => {
        if (['Enter', ',', ';'].includes(event.key)) {
          event.preventDefault();
          take();
        }
      },
      blur: () => setTimeout(take, AFTER_CLICK_MS),
      input: () => {
        problem.textContent = '';
      },
      paste: () => setTimeout(take),
    },
  });
  function take() {
    const left = [];
    for (const text of input.value.split(/[\s,;]+/).filter(Boolean)) {
      if (ADDRESS.test(text)) draft.addGuest(text.toLowerCase());
      else left.push(text);
    }
    input.value = left.join(', ');
    if (left.length) problem.textContent = t('guests.not_an_address', { text: left.join(', ') });
  }
  const draw = () => {
    list.replaceChildren(...draft.guests.map((guest) => guestRow(draft, guest)));
    count.textContent = draft.guests.length ? plural('guests.count', draft.guests.length) : '';
  };
  draft.addEventListener('change', draw);
  draft.addEventListener('saving', take);
  draw();
  return el(
    'div',
    { class: 'guests-field' },
    input,
    problem,
    count,
    list,
    permissions && permissionBoxes(draft),
  );
}

function guestRow(draft, guest) {
  return el(
    'li',
    { class: 'guest-chip', data: { email: guest.email } },
    avatar(guest.name || guest.email, 'small'),
    el(
      'span',
      { class: 'guest-name' },
      el('span', { text: guest.name || guest.email }),
      guest.organizer && el('span', { class: 'guest-role', text: t('guests.organizer') }),
    ),
    guest.organizer
      ? null
      : iconButton(
          'close',
          t('guests.remove', { email: guest.email }),
          () => draft.removeGuest(guest.email),
          { class: 'small' },
        ),
  );
}

function permissionBoxes(draft) {
  const box = (name, label) => {
    const id = freshId(name);
    return el(
      'label',
      { class: 'check', for: id },
      el('input', {
        id,
        type: 'checkbox',
        checked: draft[name],
        on: { change: (event) => draft.set({ [name]: event.target.checked }) },
      }),
      el('span', { text: label }),
    );
  };
  return el(
    'fieldset',
    { class: 'permissions' },
    el('legend', { text: t('guests.may') }),
    box('guestsCanInviteOthers', t('guests.may_invite')),
    box('guestsCanSeeOtherGuests', t('guests.may_see')),
  );
}

const MARKS = { accepted: 'check', declined: 'close', tentative: 'question' };

/** Guests with their answers, to read. */
export function guestAnswers(event) {
  const answers = event.guests.map((guest) => guest.answer);
  const summary = ['accepted', 'declined', 'tentative', 'needsAction']
    .map((answer) => [answer, answers.filter((other) => other === answer).length])
    .filter(([, count]) => count)
    .map(([answer, count]) => plural(`guests.${answer}`, count))
    .join(', ');
  return el(
    'div',
    { class: 'answers' },
    el('div', { text: plural('guests.count', event.guests.length) }),
    el('div', { class: 'faint', text: summary }),
    el(
      'ul',
      { class: 'guest-list' },
      event.guests.map((guest) =>
        el(
          'li',
          { class: 'guest-row', data: { email: guest.email, answer: guest.answer } },
          el(
            'span',
            { class: 'avatar-box' },
            avatar(guest.name || guest.email, 'small'),
            MARKS[guest.answer] &&
              el(
                'span',
                { class: `answer-mark answer-${guest.answer}` },
                icon(MARKS[guest.answer]),
              ),
          ),
          el(
            'span',
            { class: 'guest-name' },
            el('span', { text: guest.name || guest.email }),
            el('span', {
              class: 'guest-role',
              text: guest.organizer ? t('guests.organizer') : t(`answer.${guest.answer}`),
            }),
          ),
        ),
      ),
    ),
  );
}
