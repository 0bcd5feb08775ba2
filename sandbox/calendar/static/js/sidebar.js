/** The rail at the right and the add-on's panel: which cards are shown, and what clicks do. */

import { el, icon, iconButton, spinner } from './dom.js';
import { formInputsOf, missingFields, renderCard, restoreInputs } from './card_renderer.js';
import { t } from './i18n.js';
import { openPopUp, openTab } from './pop_up_window.js';
import { showMenu } from './popover.js';
import { notify } from './snackbar.js';

export class Sidebar {
  /**
   * @param {{rail: HTMLElement, panel: HTMLElement}} places
   * @param {import('./add_on.js').AddOn} addOn
   */
  constructor({ rail, panel }, addOn) {
    this.panel = panel;
    this.addOn = addOn;
    this.stack = [];
    this.context = null;
    this.run = 0;
    this.railButton = el(
      'button',
      {
        type: 'button',
        class: 'rail-button',
        'aria-label': addOn.name,
        title: addOn.name,
        'aria-expanded': 'false',
        on: { click: () => (this.isOpen() ? this.close() : this.open()) },
      },
      addOn.logoUrl ? el('img', { src: addOn.logoUrl, alt: '' }) : icon('video'),
    );
    rail.append(this.railButton);
    if (addOn.colors?.primaryColor) {
      panel.style.setProperty('--add-on-color', addOn.colors.primaryColor);
    }
  }

  isOpen() {
    return !this.panel.hidden;
  }

  open() {
    this.panel.hidden = false;
    this.railButton.setAttribute('aria-expanded', 'true');
    this.draw();
    return this.load();
  }

  close() {
    this.run += 1; // an answer still under way has no panel to go to
    this.panel.hidden = true;
    this.railButton.setAttribute('aria-expanded', 'false');
    this.railButton.focus();
  }

  /** The event the person has open (or `null`): decides which trigger runs. */
  show(context) {
    if (this.context === context) return;
    this.context = context;
    if (this.isOpen()) this.load();
  }

  /** Runs the trigger of the present context and shows its cards as a fresh stack. */
  async load() {
    const run = this.begin(t('panel.loading', { name: this.addOn.name }));
    try {
      const answer = await (this.context && this.addOn.description.eventOpenFunction
        ? this.addOn.eventOpen(this.context)
        : this.addOn.homepage());
      if (run !== this.run) return;
      this.stack = [];
      this.accept(answer);
    } catch (failure) {
      this.fail(run, failure);
    }
  }

  begin(text) {
    this.run += 1;
    this.problem = null;
    this.busy = text;
    this.drawBody();
    return this.run;
  }

  fail(run, failure) {
    console.error('The add-on failed.', failure);
    if (run !== this.run) return;
    this.busy = null;
    this.problem = failure.message;
    this.drawBody();
  }

  /** Carries out what a function of the add-on answered. */
  accept(answer, inputs = null) {
    this.busy = null;
    for (const value of Array.isArray(answer) ? answer : [answer]) {
      if (value?.kind === 'Card') this.stack.push(value);
      else if (value?.kind === 'UniversalActionResponse') this.acceptUniversal(value);
      else if (value?.kind === 'ActionResponse') this.acceptAction(value);
    }
    this.drawBody();
    if (inputs) restoreInputs(this.panel, inputs);
  }

  acceptUniversal(response) {
    if (response.cards) this.stack = [...response.cards];
    if (response.openLink) this.openLink(response.openLink);
  }

  acceptAction(response) {
    for (const step of response.navigations ?? []) {
      if (step.pushCard) this.stack.push(step.pushCard);
      else if (step.updateCard) this.stack.splice(-1, 1, step.updateCard);
      else if (step.popCard) this.stack.length > 1 && this.stack.pop();
      else if (step.popToRoot) this.stack.splice(1);
      else if (step.popToCard) {
        const at = this.stack.findLastIndex((card) => card.name === step.popToCard);
        if (at >= 0) this.stack.splice(at + 1);
      }
    }
    if (response.notification) notify(response.notification.text);
    if (response.openLink) this.openLink(response.openLink);
  }

  /** A CLICK of a card. */
  click(click) {
    if (click.openLink) this.openLink(click.openLink);
    else this.act(click.action ?? click.openDynamicLinkAction);
  }

  /** An ACTION of a card: the add-on's function, with what is typed in the card. */
  async act(action) {
    const missing = missingFields(this.panel, action);
    if (missing.length) {
      notify(t('card.required'));
      this.panel.querySelector(`[name="${CSS.escape(missing[0])}"]`)?.focus();
      return;
    }
    const formInputs = formInputsOf(this.panel);
    const quiet = action.loadIndicator === 'NONE';
    const run = quiet ? (this.run += 1) : this.begin(t('panel.working'));
    try {
      const answer = await this.addOn.click(action.functionName, {
        context: this.context,
        parameters: action.parameters ?? {},
        formInputs,
      });
      if (run !== this.run) return;
      this.accept(answer, action.persistValues ? formInputs : null);
    } catch (failure) {
      this.fail(run, failure);
    }
  }

  async universal(action) {
    if (action.openLink) {
      openTab(action.openLink);
      return;
    }
    const run = this.begin(t('panel.working'));
    try {
      const answer = await this.addOn.click(action.runFunction, {
        context: this.context,
        parameters: {},
        formInputs: {},
      });
      if (run === this.run) this.accept(answer);
    } catch (failure) {
      this.fail(run, failure);
    }
  }

  openLink({ url, openAs, onClose }) {
    const reload = onClose === 'RELOAD';
    if (openAs !== 'OVERLAY' && !reload) {
      openTab(url);
      return;
    }
    const opened = openPopUp(url, () => {
      this.waiting = false;
      if (reload && this.isOpen()) this.load();
      else this.drawBody();
    });
    if (!opened) notify(t('window.blocked'));
    else if (reload) {
      // Calendar blocks the card until the window is closed.
      this.waiting = true;
      this.drawBody();
    }
  }

  async openSettings() {
    // The window must open inside the click; where it goes is known only after the add-on answered.
    const tab = window.open('about:blank', '_blank');
    try {
      const url = await this.addOn.settingsUrl();
      if (tab) tab.location.href = url;
      else openTab(url);
    } catch (failure) {
      tab?.close();
      notify(t('panel.failed'));
      console.error('The add-on gave no settings address.', failure);
    }
  }

  draw() {
    this.head = el('div', { class: 'panel-head' });
    this.body = el('div', { class: 'panel-body', 'aria-live': 'polite' });
    this.panel.replaceChildren(this.head, this.body);
  }

  drawHead() {
    const back =
      this.stack.length > 1 &&
      iconButton('back', t('panel.back'), () => {
        this.stack.pop();
        this.drawBody();
      });
    this.head.replaceChildren(
      ...[
        back || (this.addOn.logoUrl && el('img', { class: 'panel-logo', src: this.addOn.logoUrl, alt: '' })),
        el('h2', { text: this.addOn.name }),
        iconButton('more', t('panel.menu'), (event) => this.menu(event.currentTarget), {
          'aria-haspopup': 'menu',
        }),
        iconButton('close', t('panel.close'), () => this.close()),
      ].filter(Boolean),
    );
  }

  menu(anchor) {
    const card = this.stack[this.stack.length - 1];
    showMenu(
      anchor,
      [
        {
          label: t('panel.refresh'),
          picture: icon('refresh'),
          choose: () => this.load(),
        },
        ...(card?.cardActions ?? []).map((action) => ({
          label: action.actionLabel,
          choose: () => this.click(action.onClick),
        })),
        ...this.addOn.universalActions.map((action) => ({
          label: action.label,
          choose: () => this.universal(action),
        })),
        ...(this.addOn.settingsFunction
          ? [
              {
                label: t('panel.settings'),
                picture: icon('settings'),
                choose: () => this.openSettings(),
              },
            ]
          : []),
      ],
      t('panel.menu'),
    );
  }

  drawBody() {
    if (!this.body) return;
    this.drawHead();
    const card = this.stack[this.stack.length - 1];
    const parts = [];
    if (this.problem) {
      parts.push(
        el(
          'div',
          { class: 'panel-problem', role: 'alert' },
          icon('error'),
          el('p', { text: t('panel.failed') }),
          el('p', { class: 'faint', text: this.problem }),
          el('button', {
            type: 'button',
            class: 'button button-tonal',
            text: t('panel.refresh'),
            on: { click: () => this.load() },
          }),
        ),
      );
    } else if (card) parts.push(renderCard(card, this));
    if (this.busy) {
      parts.push(el('div', { class: 'panel-busy' }, el('div', { class: 'progress' }), spinner(this.busy)));
    } else if (this.waiting) {
      parts.push(el('div', { class: 'panel-busy' }, spinner(t('panel.waiting'))));
    }
    // The card stays as it was typed into while an action runs, under the progress.
    if ((this.busy || this.waiting) && this.body.querySelector('.card') && this.stack.length) {
      this.body.querySelector('.panel-busy')?.remove();
      this.body.append(parts[parts.length - 1]);
      return;
    }
    this.body.replaceChildren(...parts);
  }
}
