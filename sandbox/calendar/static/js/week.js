/** The grid of days: events at their times, the current time, slots to click, drag or reach by keys. */

import { el, icon } from './dom.js';
import { t } from './i18n.js';
import { allDayBars, columnsFor, piecesOn } from './layout.js';
import { closedAPopover } from './popover.js';
import {
  DAY,
  MINUTE,
  dateText,
  dayLabel,
  eventTimeLabel,
  hourLabel,
  minutesOfDay,
  parseWall,
  plus,
  sameDay,
  timeLabel,
  timeRangeLabel,
  wallText,
  weekdayLabel,
} from './wall_time.js';

const HOUR_PX = 48; // height of an hour, as --hour in grid.css
const SNAP = 15; // minutes a drag moves by
const SLOT = 30; // minutes a click rounds down to
const NEW_EVENT = 60; // minutes a clicked event lasts, Calendar's own default
const DRAG_PX = 6; // movement below this is a click
const FIRST_SHOWN = 8; // hour at the top of the window at first
const ROOMY = 75; // minutes from which a third line fits
const ALL_DAY_ROW = 24; // CSS pixels per row of all-day bars

/** The shade an event is drawn in; Livestorm's help article calls synchronised events green. */
export function shadeOf(event) {
  if (event.answer === 'declined') return 'declined';
  if (event.answer === 'needsAction' || event.answer === 'tentative') return 'unanswered';
  return event.conference?.kind === 'addOn' ? 'conference' : 'plain';
}

export class Week {
  /**
   * @param {HTMLElement} root
   * @param {import('./store.js').Store} store
   * @param {{openEvent: (event: Object, anchor: Element) => void,
   *     openSlot: (start: Date, end: Date, allDay: boolean, anchor: Element) => void,
   *     moveEvent: (event: Object, start: Date, end: Date) => void}} actions
   */
  constructor(root, store, actions) {
    this.root = root;
    this.store = store;
    this.actions = actions;
    store.addEventListener('days', () => this.draw());
    store.addEventListener('events', () => this.drawEvents());
    setInterval(() => this.drawNow(), MINUTE / 2);
  }

  draw() {
    const scrolled = this.scroller?.scrollTop;
    const days = this.store.days();
    this.root.replaceChildren();
    this.root.style.setProperty('--days', days.length);
    this.columns = [];

    const heads = el('div', { class: 'day-heads' }, el('div', { class: 'gutter' }));
    this.allDay = el('div', { class: 'all-day', 'aria-label': t('grid.all_day'), role: 'group' });
    for (const day of days) {
      const today = sameDay(day, this.store.now());
      heads.append(
        el(
          'div',
          { class: `day-head${today ? ' today' : ''}` },
          el('span', { class: 'day-name', text: weekdayLabel(day) }),
          el('button', {
            type: 'button',
            class: 'day-number',
            'aria-label': dayLabel(day),
            text: String(day.getUTCDate()),
            on: { click: () => this.store.show(day, 'day') },
          }),
        ),
      );
    }
    const allDayRow = el(
      'div',
      { class: 'all-day-row' },
      el('div', { class: 'gutter all-day-zone', text: this.store.zoneLabel ?? '' }),
      this.allDay,
    );
    this.allDay.addEventListener('click', (event) => {
      if (event.target !== this.allDay) return;
      const box = this.allDay.getBoundingClientRect();
      const index = Math.floor(((event.clientX - box.left) / box.width) * days.length);
      const day = days[Math.max(0, Math.min(index, days.length - 1))];
      this.actions.openSlot(day, plus(day, DAY), true, this.allDay);
    });

    const hours = el('div', { class: 'hours', 'aria-hidden': 'true' });
    for (let hour = 1; hour < 24; hour += 1) {
      hours.append(
        el('span', {
          class: 'hour-label',
          text: hourLabel(plus(days[0], hour * 60 * MINUTE)),
          style: null,
        }),
      );
      hours.lastChild.style.top = `${hour * HOUR_PX}px`;
    }
    const body = el('div', { class: 'grid-body' }, hours);
    days.forEach((day, index) => {
      const column = this.makeColumn(day, index);
      this.columns.push(column);
      body.append(column.element);
    });
    this.scroller = el('div', { class: 'grid-scroll' }, body);
    this.root.append(heads, allDayRow, this.scroller);
    this.scroller.scrollTop = scrolled ?? FIRST_SHOWN * HOUR_PX - 12;
    this.drawEvents();
    this.drawNow();
  }

  makeColumn(day, index) {
    const cells = el('div', { class: 'cells' });
    for (let hour = 0; hour < 24; hour += 1) {
      const start = plus(day, hour * 60 * MINUTE);
      cells.append(
        el('div', {
          class: 'cell',
          role: 'button',
          tabindex: index === 0 && hour === 9 ? '0' : '-1',
          'aria-label': t('grid.slot', { day: dayLabel(day), time: timeLabel(start) }),
          data: { start: wallText(start) },
          on: { keydown: (event) => this.cellKey(event, start) },
        }),
      );
    }
    const pieces = el('div', { class: 'pieces' });
    const element = el(
      'div',
      {
        class: 'day-column',
        role: 'group',
        'aria-label': dayLabel(day),
        data: { day: dateText(day) },
      },
      cells,
      pieces,
    );
    element.addEventListener('pointerdown', (event) => this.startSelection(event, day, element));
    return { day, element, pieces };
  }

  cellKey(event, start) {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.actions.openSlot(start, plus(start, NEW_EVENT * MINUTE), false, event.currentTarget);
      return;
    }
    const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -24, ArrowRight: 24 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = this.root.querySelector(
      `.cell[data-start="${wallText(plus(start, step * 60 * MINUTE))}"]`,
    );
    if (!next) return;
    event.currentTarget.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  drawEvents() {
    if (!this.columns || this.dragging) return;
    const focused = document.activeElement?.dataset?.key;
    const events = this.store.visibleEvents();
    for (const column of this.columns) {
      column.pieces.replaceChildren(
        ...columnsFor(piecesOn(column.day, events)).map((piece) => this.makePiece(piece)),
      );
    }
    const bars = allDayBars(this.store.days(), events);
    const rows = Math.max(0, ...bars.map((bar) => bar.row + 1));
    this.allDay.style.height = `${Math.max(1, rows) * ALL_DAY_ROW + 4}px`;
    this.allDay.replaceChildren(...bars.map((bar) => this.makeBar(bar)));
    if (focused) this.root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  makePiece({ event, from, until, column, columns }) {
    const minutes = until - from;
    const start = parseWall(event.start);
    const end = parseWall(event.end);
    const short = minutes < 45;
    const roomy = minutes >= ROOMY;
    const classes = ['piece', `shade-${shadeOf(event)}`];
    if (!roomy) classes.push('one-line');
    if (end < this.store.now()) classes.push('past');
    const piece = el(
      'button',
      {
        type: 'button',
        class: classes.join(' '),
        'aria-label': this.readOut(event),
        data: { key: event.key, keepsPopovers: '' },
        on: { click: (click) => this.pieceClicked(click, event) },
      },
      el(
        'span',
        { class: 'piece-title' },
        event.conference && !roomy && icon('video'),
        el('span', { text: event.title || t('event.untitled') }),
        short && el('span', { class: 'piece-time', text: `, ${timeLabel(start)}` }),
      ),
      !short && el('span', { class: 'piece-time', text: timeRangeLabel(start, end) }),
      roomy &&
        event.conference &&
        el('span', { class: 'piece-conference' }, icon('video'), event.conference.name),
    );
    piece.style.top = `${(from / 60) * HOUR_PX}px`;
    piece.style.height = `${(minutes / 60) * HOUR_PX - 2}px`;
    piece.style.left = `${(column / columns) * 100}%`;
    piece.style.width = `calc(${100 / columns}% - ${column + 1 === columns ? 10 : 2}px)`;
    if (event.editable) {
      piece.addEventListener('pointerdown', (down) => this.startMove(down, event, piece));
    }
    return piece;
  }

  makeBar({ event, first, last, row }) {
    const bar = el(
      'button',
      {
        type: 'button',
        class: `bar shade-${shadeOf(event)}`,
        'aria-label': this.readOut(event),
        data: { key: event.key, keepsPopovers: '' },
        on: { click: (click) => this.pieceClicked(click, event) },
      },
      el('span', { text: event.title || t('event.untitled') }),
    );
    const days = this.columns.length;
    bar.style.left = `${(first / days) * 100}%`;
    bar.style.width = `calc(${((last - first + 1) / days) * 100}% - 10px)`;
    bar.style.top = `${row * ALL_DAY_ROW}px`;
    return bar;
  }

  readOut(event) {
    return [event.title || t('event.untitled'), eventTimeLabel(event), event.conference?.name]
      .filter(Boolean)
      .join(', ');
  }

  pieceClicked(click, event) {
    if (this.justMoved) {
      this.justMoved = false;
      return;
    }
    this.actions.openEvent(event, click.currentTarget);
  }

  minutesAt(clientY, column) {
    const top = column.getBoundingClientRect().top;
    return Math.max(0, Math.min(((clientY - top) / HOUR_PX) * 60, 24 * 60));
  }

  startSelection(down, day, column) {
    if (down.button !== 0 || down.target.closest('.piece') || closedAPopover(down)) return;
    down.preventDefault();
    const first = this.minutesAt(down.clientY, column);
    let range = null;
    const ghost = el('div', { class: 'ghost' });
    const move = (event) => {
      if (!range && Math.abs(event.clientY - down.clientY) < DRAG_PX) return;
      const here = this.minutesAt(event.clientY, column);
      const from = Math.floor(Math.min(first, here) / SNAP) * SNAP;
      const until = Math.max(from + SNAP, Math.ceil(Math.max(first, here) / SNAP) * SNAP);
      range = [from, until];
      this.showGhost(ghost, column, day, range);
    };
    const up = () => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', up);
      if (!range) {
        const from = Math.min(Math.floor(first / SLOT) * SLOT, 23 * 60);
        range = [from, from + NEW_EVENT];
        this.showGhost(ghost, column, day, range);
      }
      this.actions.openSlot(
        plus(day, range[0] * MINUTE),
        plus(day, range[1] * MINUTE),
        false,
        ghost,
      );
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', up);
  }

  showGhost(ghost, column, day, [from, until]) {
    this.clearGhost();
    const time = timeRangeLabel(plus(day, from * MINUTE), plus(day, until * MINUTE));
    this.drawGhost(ghost, [from, until], time);
    column.append(ghost);
    this.ghost = ghost;
  }

  /** Shows in the outline what is being typed, where the draft is now. */
  followDraft(draft) {
    if (!this.ghost) return;
    const start = parseWall(draft.start);
    const end = parseWall(draft.end);
    const column = this.columns.find(({ day }) => sameDay(day, start));
    this.ghost.hidden = draft.allDay || !column;
    if (this.ghost.hidden) return;
    const until = sameDay(start, end) ? minutesOfDay(end) : 24 * 60;
    this.drawGhost(this.ghost, [minutesOfDay(start), until], timeRangeLabel(start, end), draft.title);
    column.element.append(this.ghost);
  }

  drawGhost(ghost, [from, until], time, title = '') {
    ghost.style.top = `${(from / 60) * HOUR_PX}px`;
    ghost.style.height = `${((until - from) / 60) * HOUR_PX - 2}px`;
    ghost.replaceChildren(
      el('span', { class: 'piece-title', text: title || t('event.untitled') }),
      el('span', { class: 'piece-time', text: time }),
    );
  }

  /** Takes away the outline of an event that is being made. */
  clearGhost() {
    this.ghost?.remove();
    this.ghost = null;
  }

  startMove(down, event, piece) {
    if (down.button !== 0) return;
    const start = parseWall(event.start);
    const length = parseWall(event.end).getTime() - start.getTime();
    const width = this.columns[0].element.getBoundingClientRect().width;
    let moved = null;
    const move = (pointer) => {
      const dx = pointer.clientX - down.clientX;
      const dy = pointer.clientY - down.clientY;
      if (!moved && Math.hypot(dx, dy) < DRAG_PX) return;
      this.dragging = true;
      const days = Math.round(dx / width);
      const minutes = Math.round(((dy / HOUR_PX) * 60) / SNAP) * SNAP;
      moved = plus(start, days * DAY + minutes * MINUTE);
      piece.classList.add('moving');
      piece.style.transform = `translate(${days * width}px, ${(minutes / 60) * HOUR_PX}px)`;
      const time = piece.querySelector('.piece-time');
      if (time) time.textContent = timeRangeLabel(moved, plus(moved, length));
    };
    const up = () => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', up);
      this.dragging = false;
      if (!moved) return;
      this.justMoved = true;
      setTimeout(() => {
        this.justMoved = false;
      });
      this.actions.moveEvent(event, moved, plus(moved, length));
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', up);
  }

  drawNow() {
    this.root.querySelector('.now-line')?.remove();
    const now = this.store.now();
    const column = this.columns?.find(({ day }) => sameDay(day, now));
    if (!column) return;
    const line = el('div', { class: 'now-line', 'aria-hidden': 'true' });
    line.style.top = `${(minutesOfDay(now) / 60) * HOUR_PX}px`;
    column.element.append(line);
  }
}
