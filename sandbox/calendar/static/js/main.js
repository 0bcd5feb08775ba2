/** Puts the page together. */

import { accountButton, languageButton } from './account_menu.js';
import { AddOn } from './add_on.js';
import { api } from './api.js';
import { Controls } from './controls.js';
import { openDetails } from './details.js';
import { Draft } from './draft.js';
import { button, el, icon, iconButton } from './dom.js';
import { Editor } from './editor.js';
import { loadLanguage, t } from './i18n.js';
import { Month } from './month.js';
import { closePopovers } from './popover.js';
import { openQuickDialog } from './quick_dialog.js';
import { moveEvent } from './save_event.js';
import { Sidebar } from './sidebar.js';
import { notify } from './snackbar.js';
import { Store } from './store.js';
import { HOUR, dateText, dayLabel, plus, rangeLabel, startOfDay, wallText } from './wall_time.js';
import { Week } from './week.js';

const place = (id) => document.getElementById(id);

/** The next full hour of the shown day: where *Create* puts a new event. */
function nextSlot(store) {
  const now = store.now();
  const shown = store.days().some((day) => dateText(day) === dateText(now));
  const day = shown ? startOfDay(now) : store.days()[0];
  const hour = shown ? Math.min(now.getUTCHours() + 1, 22) : 9;
  return plus(day, hour * HOUR);
}

async function start() {
  const state = await api.state();
  await loadLanguage(state.language);
  document.title = t('page.title');
  const store = new Store(state);
  const addOn = new AddOn(state.addOn, store);
  const sidebar = new Sidebar({ rail: place('rail'), panel: place('panel') }, addOn);
  const editor = new Editor(place('editor'), store, addOn);
  const controls = new Controls(place('controls'));
  place('rail').setAttribute('aria-label', t('panel.rail'));
  place('rail').append(el('span', { class: 'rail-gap' }), controls.opener);
  place('panel').setAttribute('aria-label', addOn.name);
  place('controls').setAttribute('aria-label', t('controls.title'));

  const edit = (event) => editor.open(Draft.forEvent(event));
  const ownCalendar = () => store.calendars.find(({ primary }) => primary) ?? store.calendars[0];
  const openSlot = (from, to, allDay, anchor) => {
    closePopovers();
    const draft = Draft.forSlot(ownCalendar().id, from, to, allDay);
    for (const change of ['title', 'change']) {
      draft.addEventListener(change, () => week.followDraft(draft));
    }
    openQuickDialog(draft, {
      store,
      addOn,
      anchor,
      onClose: () => week.clearGhost(),
      openEditor: () => editor.open(draft),
    });
  };
  const week = new Week(place('week'), store, {
    openSlot,
    openEvent: (event, anchor) => {
      closePopovers();
      const bubble = openDetails(event, {
        store,
        anchor,
        edit,
        // A moment later, because closing may be the first half of opening something else.
        onClose: () => setTimeout(() => sidebar.context === event && sidebar.show(null)),
      });
      sidebar.show(event);
      return bubble;
    },
    moveEvent: (event, from, to) =>
      moveEvent(event, { allDay: false, start: wallText(from), end: wallText(to) }, store),
  });
  editor.addEventListener('open', () => sidebar.show(editor.draft));
  editor.addEventListener('close', () => sidebar.show(null));

  drawHeader(store);
  drawLeft(store, () => openSlot(nextSlot(store), plus(nextSlot(store), HOUR), false, place('create')));
  document.addEventListener('keydown', (event) => shortcuts(event, store));
  store.addEventListener('unread', ({ detail }) =>
    notify(t('events.not_read', { reason: detail.message })),
  );
  await store.refresh();
  week.draw();
  store.keepFresh();
  document.body.classList.add('ready');
}

function drawHeader(store) {
  const heading = el('h1', { class: 'range', 'aria-live': 'polite' });
  const view = el('select', {
    class: 'field view-select',
    'aria-label': t('nav.view'),
    on: { change: (event) => store.show(store.day, event.target.value) },
  });
  for (const name of ['day', 'week']) view.append(el('option', { value: name, text: t(`nav.${name}`) }));
  const follow = () => {
    const days = store.days();
    heading.textContent =
      store.view === 'day' ? dayLabel(days[0]) : rangeLabel(days[0], days[days.length - 1]);
    view.value = store.view;
  };
  store.addEventListener('days', follow);
  follow();
  place('header').append(
    el(
      'div',
      { class: 'brand' },
      icon('brand', 'brand-icon'),
      el('span', { class: 'brand-name', text: t('page.title') }),
    ),
    button(t('nav.today'), () => store.show(store.now()), { kind: 'outlined', class: 'today-button' }),
    iconButton('chevron-left', t('nav.previous'), () => store.step(-1)),
    iconButton('chevron-right', t('nav.next'), () => store.step(1)),
    heading,
    el('span', { class: 'header-gap' }),
    el('span', { class: 'simulated', title: t('page.simulated_what'), text: t('page.simulated') }),
    view,
    languageButton(),
    accountButton(store),
  );
}

function drawLeft(store, create) {
  const calendars = el('div', { class: 'calendar-list' });
  for (const calendar of store.calendars) {
    calendars.append(
      el(
        'label',
        { class: 'check' },
        el('input', {
          type: 'checkbox',
          checked: true,
          on: { change: () => store.toggleCalendar(calendar.id) },
        }),
        el('span', { text: calendar.name }),
      ),
    );
  }
  const month = el('div', { class: 'month', role: 'group', 'aria-label': t('nav.month') });
  place('left').append(
    el(
      'button',
      { type: 'button', id: 'create', class: 'create-button', on: { click: create } },
      icon('plus'),
      el('span', { text: t('event.create') }),
    ),
    month,
    el('h2', { class: 'left-title', text: t('calendars.title') }),
    calendars,
  );
  const choice = new Month(month, {
    today: () => store.now(),
    marked: () => store.days(),
    pick: (day) => store.show(day),
  });
  store.addEventListener('days', () => choice.follow());
}

/** Calendar's own shortcuts, where they do not get in the way of typing. */
function shortcuts(event, store) {
  if (event.target.closest('input, textarea, select, [role="dialog"], #editor, #panel')) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    c: () => place('create').click(),
    t: () => store.show(store.now()),
    n: () => store.step(1),
    p: () => store.step(-1),
    d: () => store.show(store.day, 'day'),
    w: () => store.show(store.day, 'week'),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

// Without its first answers the page has no words yet but the failure's own.
start().catch((failure) => notify(failure.message));
