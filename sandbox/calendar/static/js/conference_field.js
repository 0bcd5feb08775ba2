/** *Add video conferencing*: choosing a solution, waiting for it, what came of it. */

import { button, el, icon, iconButton, spinner } from './dom.js';
import { t } from './i18n.js';
import { openPopUp } from './pop_up_window.js';
import { showMenu } from './popover.js';
import { notify } from './snackbar.js';

const MEET = { id: 'hangoutsMeet', name: 'Google Meet' };

/** The picture of a conference solution: the add-on's own, or the page's camera. */
export function solutionPicture(url) {
  return url ? el('img', { class: 'solution-logo', src: url, alt: '' }) : icon('video');
}

/** The entry of a built conference that people click: its video entry point. */
const videoUri = (data) => (data.entryPoints ?? []).find(isVideo)?.uri ?? '';
const isVideo = (entry) => /video/i.test(entry.entryPointType ?? entry.type ?? '');

/**
 * @param {import('./draft.js').Draft} draft
 * @param {import('./add_on.js').AddOn} addOn
 * @returns {HTMLElement}
 */
export function conferenceField(draft, addOn) {
  const root = el('div', { class: 'conference-field' });
  const draw = () => root.replaceChildren(...contents(draft, addOn));
  draft.addEventListener('change', draw);
  draw();
  return root;
}

function contents(draft, addOn) {
  const { state, conference, error, solution } = draft.conferencing;
  if (state === 'creating') return [spinner(t('conference.adding'))];
  if (state === 'attached') return [attached(draft, conference)];
  const picker = pickerButton(draft, addOn);
  if (state === 'sign-in') {
    return [
      el(
        'div',
        { class: 'conference-note', role: 'status' },
        solutionPicture(solution.logoUrl),
        el('span', { text: t('conference.sign_in', { name: solution.name }) }),
        button(t('conference.sign_in_button'), () => signIn(draft, error, solution), {
          kind: 'filled',
        }),
        iconButton('close', t('conference.remove'), () => clear(draft), { class: 'small' }),
      ),
    ];
  }
  if (state === 'failed') {
    return [
      picker,
      el(
        'div',
        { class: 'conference-error', role: 'alert' },
        icon('error'),
        el(
          'span',
          {},
          el('strong', { text: t('conference.failed') }),
          el('br'),
          t(`conference.error.${error.type}`),
        ),
      ),
    ];
  }
  return [picker];
}

function pickerButton(draft, addOn) {
  const choose = (event) =>
    showMenu(
      event.currentTarget,
      [
        ...addOn.solutions.map((solution) => ({
          label: solution.name,
          picture: solutionPicture(solution.logoUrl),
          choose: () => create(draft, addOn, solution),
        })),
        { label: MEET.name, picture: icon('video'), choose: () => chooseMeet(draft) },
      ],
      t('conference.add'),
    );
  return el(
    'button',
    {
      type: 'button',
      class: 'button button-tonal conference-add',
      'aria-haspopup': 'menu',
      on: { click: choose },
    },
    t('conference.add'),
    icon('arrow-down'),
  );
}

function attached(draft, conference) {
  return el(
    'div',
    { class: 'conference-attached' },
    el(
      'div',
      { class: 'conference-join' },
      joinLink(conference),
      iconButton('close', t('conference.remove'), () => clear(draft), { class: 'small' }),
    ),
    conferenceUrl(conference),
  );
}

/** The blue button that opens the room. */
export function joinLink(conference) {
  return el('a', {
    class: 'button button-filled join',
    href: conference.uri,
    target: '_blank',
    rel: 'noopener',
    text: t('conference.join', { name: conference.name }),
  });
}

/** The room's address, and a button that copies it. */
export function conferenceUrl(conference) {
  const copy = async () => {
    await navigator.clipboard.writeText(conference.uri);
    notify(t('conference.copied'));
  };
  return el(
    'div',
    { class: 'conference-url' },
    el('a', {
      href: conference.uri,
      target: '_blank',
      rel: 'noopener',
      text: conference.uri.replace(/^https?:\/\//, ''),
    }),
    iconButton('copy', t('conference.copy'), copy, { class: 'small' }),
  );
}

function clear(draft) {
  draft.setConferencing({ state: 'none' });
}

function chooseMeet(draft) {
  // Three groups of letters, the shape of a Meet code; the page reserves none anywhere.
  const code = 'xxx-xxxx-xxx'.replace(/x/g, () =>
    String.fromCharCode(97 + Math.floor(Math.random() * 26)),
  );
  draft.setConferencing({
    state: 'attached',
    conference: {
      kind: MEET.id,
      name: MEET.name,
      icon: null,
      uri: `https://meet.google.com/${code}`,
      choice: { kind: MEET.id, code },
    },
  });
}

async function create(draft, addOn, solution) {
  const ticket = { state: 'creating', solution };
  draft.setConferencing(ticket);
  let outcome;
  try {
    const data = await addOn.createConference(solution, draft.calendarId, await draft.reservedId());
    outcome = outcomeOf(data, solution);
  } catch (failure) {
    console.error('The add-on failed to create a conference.', failure);
    outcome = { state: 'failed', solution, error: { type: 'UNKNOWN' } };
  }
  // The person may have removed or replaced the conference while it was being made.
  if (draft.conferencing === ticket) draft.setConferencing(outcome);
}

function outcomeOf(data, solution) {
  if (!data) return { state: 'failed', solution, error: { type: 'UNKNOWN' } };
  if (data.error) {
    const type = String(data.error.type);
    return type === 'AUTHENTICATION' && data.error.authenticationUrl
      ? { state: 'sign-in', solution, error: data.error }
      : { state: 'failed', solution, error: { ...data.error, type } };
  }
  const uri = videoUri(data);
  // Calendar refuses a conference without an id or an entry point.
  if (!data.conferenceId || !uri) return { state: 'failed', solution, error: { type: 'UNKNOWN' } };
  return {
    state: 'attached',
    conference: {
      kind: 'addOn',
      name: solution.name,
      icon: solution.logoUrl,
      uri,
      choice: { kind: 'addOn', solutionId: solution.id, data },
    },
  };
}

function signIn(draft, error, solution) {
  // Calendar does not run the solution again by itself: the person picks it once more.
  const opened = openPopUp(error.authenticationUrl, () => {
    if (draft.conferencing.solution === solution) clear(draft);
  });
  if (!opened) notify(t('window.blocked'));
}
