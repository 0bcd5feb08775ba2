/** The simulators' drawer: trouble on demand, so that every error can be seen by hand. */

import { api } from './api.js';
import { button, el, freshId, icon, iconButton } from './dom.js';
import { t } from './i18n.js';
import { notify } from './snackbar.js';

export class Controls {
  constructor(root) {
    this.root = root;
    this.opener = iconButton('tune', t('controls.title'), () => this.toggle(), {
      'aria-expanded': 'false',
    });
  }

  async toggle() {
    if (!this.root.hidden) {
      this.close();
      return;
    }
    this.root.hidden = false;
    this.opener.setAttribute('aria-expanded', 'true');
    await this.draw();
    this.root.querySelector('button, input')?.focus();
  }

  close() {
    this.root.hidden = true;
    this.opener.setAttribute('aria-expanded', 'false');
    this.opener.focus();
  }

  async draw() {
    let answer;
    try {
      answer = await api.controls();
    } catch (failure) {
      notify(t('controls.failed', { reason: failure.message }));
      return;
    }
    const groups = ['livestorm', 'google'].map((side) =>
      el(
        'fieldset',
        { class: 'controls-group' },
        el('legend', { text: t(`controls.${side}`) }),
        answer.controls
          .filter((control) => control.side === side)
          .map((control) =>
            control.kind === 'seconds' ? this.latency(control) : this.toggleRow(control),
          ),
      ),
    );
    this.root.replaceChildren(
      el(
        'div',
        { class: 'panel-head' },
        icon('tune'),
        el('h2', { text: t('controls.title') }),
        iconButton('close', t('action.close'), () => this.close()),
      ),
      el(
        'div',
        { class: 'controls-body' },
        el('p', { class: 'faint', text: t('controls.what') }),
        groups,
        el(
          'div',
          { class: 'controls-foot' },
          button(
            t('controls.reset'),
            () => this.reset(),
            { kind: 'outlined' },
          ),
          el('a', {
            class: 'button button-plain',
            href: answer.livestormUrl,
            target: '_blank',
            rel: 'noopener',
            text: t('controls.livestorm_dashboard'),
          }),
        ),
      ),
    );
    this.root.onkeydown = (event) => {
      if (event.key === 'Escape') this.close();
    };
  }

  async reset() {
    try {
      await api.resetControls();
    } catch (failure) {
      notify(t('controls.failed', { reason: failure.message }));
    }
    await this.draw();
  }

  async set(control, value) {
    try {
      await api.setControl(control.name, value);
      notify(t('controls.done'));
    } catch (failure) {
      notify(t('controls.failed', { reason: failure.message }));
      await this.draw();
    }
  }

  toggleRow(control) {
    const id = freshId('control');
    return el(
      'div',
      { class: 'control-row' },
      el(
        'label',
        { for: id },
        el('span', { text: t(`control.${control.name}`) }),
        el('span', { class: 'menu-detail', text: t(`control.${control.name}.what`) }),
      ),
      el('input', {
        id,
        type: 'checkbox',
        class: 'switch',
        role: 'switch',
        checked: control.value,
        on: { change: (event) => this.set(control, event.target.checked) },
      }),
    );
  }

  latency(control) {
    const id = freshId('control');
    const shown = el('output', { for: id, text: t('controls.seconds', { count: control.value }) });
    return el(
      'div',
      { class: 'control-row' },
      el('label', { for: id }, el('span', { text: t(`control.${control.name}`) }), shown),
      el('input', {
        id,
        type: 'range',
        min: '0',
        max: '10',
        step: '0.5',
        value: String(control.value),
        on: {
          input: (event) => {
            shown.textContent = t('controls.seconds', { count: event.target.value });
          },
          change: (event) => this.set(control, Number(event.target.value)),
        },
      }),
    );
  }
}
