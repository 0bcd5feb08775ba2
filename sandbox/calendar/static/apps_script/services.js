/**
 * Stand-ins for the Apps Script services that the bridge in manifest/ uses, so that the very
 * files that run at Google run in a browser: CardService, ConferenceDataService, ScriptApp,
 * UrlFetchApp, Session. (`console` is the browser's own.)
 *
 * They follow the published reference (developers.google.com/apps-script/reference/card-service,
 * …/conference-data, …/url-fetch, …/script) and its type declarations: the same method names and
 * enum names and no others, arguments checked by type, required fields and limits checked at
 * build(). What Google refuses must fail here too, and loudly.
 *
 * Load this file first, then the files of manifest/ in any order: classic scripts, either
 * `<script src>` in a page or `importScripts` in a worker. A worker is the better place: the
 * calls to the server are synchronous, as they are in Apps Script, and would freeze a page.
 *
 *
 * ## What the server of the page has to answer (same origin, cookies say who is signed in)
 *
 * POST /apps_script/fetch                    the real request, made by the server
 *   asks    {"url": string, "method": "get"|"post"|"put"|"patch"|"delete",
 *            "headers": {name: string}, "contentType": string|null, "payload": string|null,
 *            "followRedirects": boolean, "timeoutSeconds": integer}
 *           `contentType` is to be sent as Content-Type (headers never holds it).
 *   answers 200 {"status": integer, "headers": {name: string}, "body": string}
 *           for every HTTP answer of the other side, also 4xx and 5xx;
 *           200 {"error": string}
 *           when there is none: URL outside urlFetchWhitelist, plain http to another machine, no
 *           connection, or nothing within timeoutSeconds. fetch() then throws Error(error).
 *           Google's words: "Timeout: https://…", "Address unavailable: https://…",
 *           "DNS error: https://…", "https://… is not in the allowlist" or the like.
 *
 * GET /apps_script/identity_token            ScriptApp.getIdentityToken()
 *   answers 200 {"token": string|null}; null when the manifest's oauthScopes lack `openid`.
 *           `aud` is the script's client id; `email` is there only with scope userinfo.email.
 *
 * GET /apps_script/oauth_token               ScriptApp.getOAuthToken()
 *   answers 200 {"token": string}; an access token with the manifest's oauthScopes.
 *
 * Any other status makes the service throw, as a Google outage does.
 *
 *
 * ## For the page: AppsScriptSandbox
 *
 * AppsScriptSandbox.plain(value)       what a bridge function returned, as plain data (below).
 *                                      Strings (createSettingsUrl) and arrays come through.
 * AppsScriptSandbox.configure({…})     openLinkUrlPrefixes: string[]  refuse other links, as a
 *                                          versioned deployment does (default: no check)
 *                                      userLocale: string  Session.getActiveUserLocale()
 *
 * ### Plain data
 * Card JSON v1 (developers.google.com/workspace/add-ons/reference/rpc/google.apps.card.v1) where
 * it has a word for it. Keys that were never set are absent. The differences: `kind` at the top,
 * `action.functionName` + `action.parameters` as a map, `backgroundColor` as "#rrggbb".
 *
 * {"kind": "Card", "name", "header": HEADER, "peekCardHeader": HEADER, "displayStyle": "PEEK"|
 *  "REPLACE", "sections": [{"header", "collapsible", "uncollapsibleWidgetsCount", "widgets": […]}],
 *  "cardActions": [{"actionLabel", "onClick": CLICK}],
 *  "fixedFooter": {"primaryButton": BUTTON, "secondaryButton": BUTTON}}
 *
 * {"kind": "ActionResponse", "stateChanged": boolean, "notification": {"text"}, "openLink": LINK,
 *  "navigations": [{"pushCard": CARD} | {"updateCard": CARD} | {"popCard": true}
 *                  | {"popToRoot": true} | {"popToCard": "name"}]}        in this order
 *
 * {"kind": "UniversalActionResponse", "cards": [CARD], "openLink": LINK}  one of the two
 *
 * {"kind": "ConferenceData", "conferenceId", "conferenceSolutionId", "note",
 *  "entryPoints": [{"type", "uri", "meetingCode", "accessCode", "passcode", "password", "pin",
 *                   "regionCode", "features": […]}],
 *  "parameters": [{"key", "value"}], "error": {"type", "authenticationUrl"}}
 *
 * HEADER  {"title", "subtitle", "imageUrl", "imageType": "SQUARE"|"CIRCLE", "imageAltText"}
 * CLICK   {"action": ACTION} | {"openLink": LINK} | {"openDynamicLinkAction": ACTION}
 * ACTION  {"functionName", "parameters": {k: v}, "loadIndicator": "SPINNER"|"NONE",
 *          "persistValues", "requiredWidgets": [name], "allWidgetsAreRequired"}
 *         On a click call the global function `functionName` with an event object whose
 *         commonEventObject has `parameters` and `formInputs`.
 * LINK    {"url", "openAs": "FULL_SIZE"|"OVERLAY", "onClose": "NOTHING"|"RELOAD"}
 * ICON    {"knownIcon" | "iconUrl" | "materialIcon": {"name", "fill", "weight", "grade"},
 *          "altText", "imageType": "SQUARE"|"CIRCLE"}
 * BUTTON  {"text" | "icon": ICON, "altText", "disabled", "type": "OUTLINED"|"FILLED"|
 *          "FILLED_TONAL"|"BORDERLESS", "backgroundColor", "onClick": CLICK}
 * SWITCH  {"name", "value", "selected", "controlType": "SWITCH"|"CHECK_BOX",
 *          "onChangeAction": ACTION}
 *
 * widgets, one key each:
 *   {"textParagraph": {"text"}}                       text is Google's small HTML subset
 *   {"textInput": {"name", "label", "hintText", "value", "type": "SINGLE_LINE"|"MULTIPLE_LINE",
 *                  "initialSuggestions": {"items": [{"text"}]}, "onChangeAction": ACTION,
 *                  "validation": {"characterLimit", "inputType"}}}
 *   {"decoratedText": {"topLabel", "text", "bottomLabel", "wrapText", "startIcon": ICON,
 *                      "endIcon": ICON | "button": BUTTON | "switchControl": SWITCH,
 *                      "onClick": CLICK}}
 *   {"buttonList": {"buttons": [BUTTON]}}
 *   {"selectionInput": {"name", "label", "type", "items": [{"text", "value", "selected"}],
 *                       "onChangeAction": ACTION}}
 *   {"image": {"imageUrl", "altText", "onClick": CLICK}}
 *   {"divider": {}}
 */
(function (world) {
  'use strict';

  /** Sections in a card, and widgets in a section (…/workspace/add-ons/concepts/cards). */
  const MOST_PER_LIST = 100;
  /** Entry points, and parameters, of one conference (…/reference/conference-data). */
  const MOST_IN_CONFERENCE = 300;
  /** Seconds UrlFetchApp waits when nothing else is said (…/reference/url-fetch). */
  const DEFAULT_FETCH_SECONDS = 360;

  const settings = {
    /** @type {string[] | null} */ openLinkUrlPrefixes: null,
    /** @type {string} */ userLocale: 'en',
  };

  /**
   * The plain data behind each stand-in. Not a property of the object, so that the code under
   * test can neither see it nor lean on it.
   */
  const stores = new WeakMap();

  function storeOf(object) {
    return stores.get(object);
  }

  // ------------------------------------------------------------------ enums

  class EnumValue {
    constructor(type, name) {
      this.type = type;
      this.name = name;
      Object.freeze(this);
    }

    toString() {
      return this.name;
    }
  }

  function enumeration(type, names) {
    return Object.freeze(
      Object.fromEntries(names.map((name) => [name, new EnumValue(type, name)]))
    );
  }

  // ------------------------------------------------------- argument kinds

  function describe(value) {
    if (value === null || value === undefined) return '(class)' + String(value);
    if (value instanceof EnumValue) return value.type;
    return typeof value === 'object' ? value.constructor.name : typeof value;
  }

  const STRING = { accepts: (v) => typeof v === 'string', plain: (v) => v };
  const BOOLEAN = { accepts: (v) => typeof v === 'boolean', plain: (v) => v };
  const INTEGER = { accepts: (v) => Number.isInteger(v), plain: (v) => v };
  const COLOR = {
    accepts: (v) => typeof v === 'string' && /^#[0-9a-fA-F]{6}$/.test(v),
    plain: (v) => v,
  };
  const STRING_MAP = {
    accepts: (v) =>
      typeof v === 'object' &&
      v !== null &&
      !Array.isArray(v) &&
      Object.values(v).every((item) => typeof item === 'string'),
    plain: (v) => ({ ...v }),
  };

  function text(most) {
    return { accepts: (v) => typeof v === 'string' && v.length <= most, plain: (v) => v };
  }

  function oneOf(type) {
    return {
      accepts: (v) => v instanceof EnumValue && v.type === type,
      plain: (v) => v.name,
    };
  }

  function built(...types) {
    return {
      accepts: (v) => stores.has(v) && types.includes(storeOf(v).type),
      plain: (v) => plainOf(v),
    };
  }

  // ------------------------------------------------- methods of the stand-ins

  function put(key, kind, translate) {
    return { kinds: [kind], apply: (data, [value]) => {
      data[key] = translate ? translate(value) : value;
    } };
  }

  function append(key, kind, most, translate) {
    return { kinds: [kind], apply: (data, [value], type) => {
      const list = (data[key] ??= []);
      if (list.length >= most) throw new Error(`${type}: at most ${most} ${key}.`);
      list.push(translate ? translate(value) : value);
    } };
  }

  /** A widget or button has one reaction to a click at most; a second one is an error. */
  function click(key, kind) {
    return { kinds: [kind], apply: (data, [value], type) => {
      if (data.onClick) throw new Error(`${type}: only one click action can be set.`);
      data.onClick = { [key]: value };
    } };
  }

  function step(name) {
    return { kinds: [], apply: (data) => void (data.steps ??= []).push({ [name]: true }) };
  }

  const ACTION = built('Action');
  const LINK = built('OpenLink');
  const CLICKS = {
    setOnClickAction: click('action', ACTION),
    setOnClickOpenLinkAction: click('openDynamicLinkAction', ACTION),
    setOpenLink: click('openLink', LINK),
  };
  const BUTTONS = ['TextButton', 'ImageButton'];
  const WIDGETS = ['TextParagraph', 'TextInput', 'DecoratedText', 'ButtonSet', 'SelectionInput',
    'Image', 'Divider', ...BUTTONS];
  const CARD = built('Card');
  const CARDS = {
    accepts: (v) => Array.isArray(v) && v.length > 0 && v.every((card) => CARD.accepts(card)),
    plain: (v) => v.map((card) => CARD.plain(card)),
  };
  /** A button stands alone in a section as well as in a set. */
  const WIDGET = {
    ...built(...WIDGETS),
    plain: (v) =>
      BUTTONS.includes(storeOf(v).type) ? { buttonList: { buttons: [plainOf(v)] } } : plainOf(v),
  };

  function intoIcon(key, kind) {
    return { kinds: [kind], apply: (data, [value]) => {
      data.icon = { ...data.icon, [key]: value };
    } };
  }

  /**
   * Every class: its methods, and what build() of the thing around it requires of it.
   * `methods` name → {kinds: argument kinds, apply(data, plainArguments, className)}.
   */
  const CLASSES = {
    Action: {
      methods: {
        setFunctionName: put('functionName', STRING),
        setParameters: put('parameters', STRING_MAP),
        setLoadIndicator: put('loadIndicator', oneOf('LoadIndicator')),
        setPersistValues: put('persistValues', BOOLEAN),
        addRequiredWidget: append('requiredWidgets', STRING, Infinity),
        setAllWidgetsAreRequired: put('allWidgetsAreRequired', BOOLEAN),
      },
      requires: ['functionName'],
    },
    OpenLink: {
      methods: {
        setUrl: put('url', STRING),
        setOpenAs: put('openAs', oneOf('OpenAs')),
        setOnClose: put('onClose', oneOf('OnClose')),
      },
      requires: ['url'],
      check: (data) => checkLink(data.url),
    },
    Notification: { methods: { setText: put('text', STRING) }, requires: ['text'] },
    MaterialIcon: {
      methods: {
        setName: put('name', STRING),
        setFill: put('fill', BOOLEAN),
        setWeight: put('weight', INTEGER),
        setGrade: put('grade', INTEGER),
      },
      requires: ['name'],
    },
    IconImage: {
      methods: {
        setAltText: put('altText', STRING),
        setIcon: put('knownIcon', oneOf('Icon')),
        setIconUrl: put('iconUrl', STRING),
        setMaterialIcon: put('materialIcon', built('MaterialIcon')),
        setImageCropType: put('imageType', oneOf('ImageCropType')),
      },
      check: (data) => exactlyOne(data, ['knownIcon', 'iconUrl', 'materialIcon'], 'IconImage'),
    },
    TextButton: {
      methods: {
        ...CLICKS,
        setText: put('text', STRING),
        setAltText: put('altText', STRING),
        setDisabled: put('disabled', BOOLEAN),
        setBackgroundColor: put('backgroundColor', COLOR),
        setTextButtonStyle: put('type', oneOf('TextButtonStyle')),
      },
      requires: ['text', 'onClick'],
    },
    ImageButton: {
      methods: {
        ...CLICKS,
        setAltText: put('altText', STRING),
        setIcon: intoIcon('knownIcon', oneOf('Icon')),
        setIconUrl: intoIcon('iconUrl', STRING),
        setMaterialIcon: intoIcon('materialIcon', built('MaterialIcon')),
      },
      requires: ['icon', 'onClick'],
    },
    ButtonSet: {
      methods: { addButton: append('buttons', built(...BUTTONS), MOST_PER_LIST) },
      requires: ['buttons'],
      widget: 'buttonList',
    },
    TextParagraph: { methods: { setText: put('text', STRING) }, requires: ['text'],
      widget: 'textParagraph' },
    Validation: {
      methods: {
        setCharacterLimit: put('characterLimit', INTEGER),
        setInputType: put('inputType', oneOf('InputType')),
      },
    },
    Suggestions: {
      methods: {
        addSuggestion: append('items', STRING, Infinity, (value) => ({ text: value })),
      },
    },
    TextInput: {
      methods: {
        setFieldName: put('name', STRING),
        setTitle: put('label', STRING),
        setHint: put('hintText', STRING),
        setValue: put('value', STRING),
        setMultiline: put('type', BOOLEAN, (many) => (many ? 'MULTIPLE_LINE' : 'SINGLE_LINE')),
        setOnChangeAction: put('onChangeAction', ACTION),
        setSuggestions: put('initialSuggestions', built('Suggestions')),
        setValidation: put('validation', built('Validation')),
      },
      requires: ['name'],
      check: (data) => {
        if (!data.label && !data.hintText) throw new Error('TextInput: needs a title or a hint.');
      },
      widget: 'textInput',
    },
    Switch: {
      methods: {
        setFieldName: put('name', STRING),
        setValue: put('value', STRING),
        setSelected: put('selected', BOOLEAN),
        setControlType: put('controlType', oneOf('SwitchControlType')),
        setOnChangeAction: put('onChangeAction', ACTION),
      },
      requires: ['name', 'value'],
    },
    DecoratedText: {
      methods: {
        ...CLICKS,
        setTopLabel: put('topLabel', STRING),
        setText: put('text', STRING),
        setBottomLabel: put('bottomLabel', STRING),
        setWrapText: put('wrapText', BOOLEAN),
        setStartIcon: put('startIcon', built('IconImage')),
        setEndIcon: put('endIcon', built('IconImage')),
        setButton: put('button', built(...BUTTONS)),
        setSwitchControl: put('switchControl', built('Switch')),
      },
      requires: ['text'],
      check: (data) => atMostOne(data, ['button', 'switchControl', 'endIcon'], 'DecoratedText'),
      widget: 'decoratedText',
    },
    SelectionInput: {
      methods: {
        setFieldName: put('name', STRING),
        setTitle: put('label', STRING),
        setType: put('type', oneOf('SelectionInputType')),
        setOnChangeAction: put('onChangeAction', ACTION),
        addItem: {
          kinds: [STRING, STRING, BOOLEAN],
          apply: (data, [label, value, selected]) =>
            (data.items ??= []).push({ text: label, value, selected }),
        },
      },
      requires: ['name', 'items'],
      widget: 'selectionInput',
    },
    Image: {
      methods: {
        ...CLICKS,
        setImageUrl: put('imageUrl', STRING),
        setAltText: put('altText', STRING),
      },
      requires: ['imageUrl', 'altText'],
      widget: 'image',
    },
    Divider: { methods: {}, widget: 'divider' },
    CardHeader: {
      methods: {
        setTitle: put('title', STRING),
        setSubtitle: put('subtitle', STRING),
        setImageUrl: put('imageUrl', STRING),
        setImageStyle: put('imageType', oneOf('ImageStyle')),
        setImageAltText: put('imageAltText', STRING),
      },
      requires: ['title'],
    },
    CardSection: {
      methods: {
        addWidget: append('widgets', WIDGET, MOST_PER_LIST),
        setHeader: put('header', STRING),
        setCollapsible: put('collapsible', BOOLEAN),
        setNumUncollapsibleWidgets: put('uncollapsibleWidgetsCount', INTEGER),
      },
      requires: ['widgets'],
    },
    CardAction: {
      methods: { ...CLICKS, setText: put('actionLabel', STRING) },
      requires: ['actionLabel', 'onClick'],
    },
    FixedFooter: {
      methods: {
        setPrimaryButton: put('primaryButton', built('TextButton')),
        setSecondaryButton: put('secondaryButton', built('TextButton')),
      },
      requires: ['primaryButton'],
      check: (data) => {
        if (data.primaryButton.type !== 'FILLED') {
          throw new Error('FixedFooter: the primary button must be FILLED.');
        }
        if (data.secondaryButton && (data.secondaryButton.type ?? 'OUTLINED') !== 'OUTLINED') {
          throw new Error('FixedFooter: the secondary button must be OUTLINED.');
        }
      },
    },
    CardBuilder: {
      methods: {
        setName: put('name', STRING),
        setHeader: put('header', built('CardHeader')),
        setPeekCardHeader: put('peekCardHeader', built('CardHeader')),
        setDisplayStyle: put('displayStyle', oneOf('DisplayStyle')),
        addSection: append('sections', built('CardSection'), MOST_PER_LIST),
        addCardAction: append('cardActions', built('CardAction'), MOST_PER_LIST),
        setFixedFooter: put('fixedFooter', built('FixedFooter')),
      },
      builds: 'Card',
      check: (data) => {
        if (!data.header && !data.sections) throw new Error('Card: it has no content.');
        checkFieldNames(data);
      },
    },
    Navigation: {
      methods: {
        pushCard: append('steps', CARD, Infinity, (card) => ({ pushCard: card })),
        updateCard: append('steps', CARD, Infinity, (card) => ({ updateCard: card })),
        popCard: step('popCard'),
        popToRoot: step('popToRoot'),
        popToNamedCard: append('steps', STRING, Infinity, (name) => ({ popToCard: name })),
      },
      requires: ['steps'],
    },
    ActionResponseBuilder: {
      methods: {
        setNavigation: put('navigations', built('Navigation'), (navigation) => navigation.steps),
        setNotification: put('notification', built('Notification')),
        setOpenLink: put('openLink', LINK),
        setStateChanged: put('stateChanged', BOOLEAN),
      },
      builds: 'ActionResponse',
    },
    UniversalActionResponseBuilder: {
      methods: {
        displayAddOnCards: put('cards', CARDS),
        setOpenLink: put('openLink', LINK),
      },
      builds: 'UniversalActionResponse',
      check: (data) => exactlyOne(data, ['cards', 'openLink'], 'UniversalActionResponse'),
    },
    EntryPoint: {
      methods: {
        setEntryPointType: put('type', oneOf('EntryPointType')),
        setUri: put('uri', text(1300)),
        setMeetingCode: put('meetingCode', text(128)),
        setAccessCode: put('accessCode', text(128)),
        setPasscode: put('passcode', text(128)),
        setPassword: put('password', text(128)),
        setPin: put('pin', text(128)),
        setRegionCode: put('regionCode', STRING),
        addFeature: append('features', oneOf('EntryPointFeature'), Infinity),
      },
      requires: ['type', 'uri'],
      check: (data) => {
        const forms = { VIDEO: /^https?:/, MORE: /^https?:/, PHONE: /^tel:/, SIP: /^sip:/ };
        if (!forms[data.type].test(data.uri)) {
          throw new Error(`EntryPoint: ${data.uri} is no address for ${data.type}.`);
        }
        if (data.type !== 'PHONE' && (data.regionCode || data.features)) {
          throw new Error('EntryPoint: region and features are for PHONE only.');
        }
      },
    },
    ConferenceParameter: {
      methods: { setKey: put('key', text(50)), setValue: put('value', text(1024)) },
      requires: ['key', 'value'],
    },
    ConferenceError: {
      methods: {
        setConferenceErrorType: put('type', oneOf('ConferenceErrorType')),
        setAuthenticationUrl: put('authenticationUrl', text(1800)),
      },
      requires: ['type'],
      check: (data) => {
        if (data.type === 'AUTHENTICATION' && !/^https?:/.test(data.authenticationUrl ?? '')) {
          throw new Error('ConferenceError: AUTHENTICATION needs an authentication URL.');
        }
      },
    },
    ConferenceDataBuilder: {
      methods: {
        setConferenceId: put('conferenceId', text(512)),
        setConferenceSolutionId: put('conferenceSolutionId', text(512)),
        addEntryPoint: append('entryPoints', built('EntryPoint'), MOST_IN_CONFERENCE),
        addConferenceParameter:
          append('parameters', built('ConferenceParameter'), MOST_IN_CONFERENCE),
        setNotes: put('note', text(2048)),
        setError: put('error', built('ConferenceError')),
      },
      builds: 'ConferenceData',
      check: checkConference,
    },
    // What build() gives back: nothing can be set any more.
    Card: { methods: {} },
    ActionResponse: { methods: {} },
    UniversalActionResponse: { methods: {} },
    ConferenceData: { methods: {} },
  };

  /** Fails when `data` has not exactly one of `keys`. */
  function exactlyOne(data, keys, type) {
    atMostOne(data, keys, type);
    if (!keys.some((key) => key in data)) {
      throw new Error(`${type}: needs one of ${keys.join(', ')}.`);
    }
  }

  function atMostOne(data, keys, type) {
    const present = keys.filter((key) => key in data);
    if (present.length > 1) throw new Error(`${type}: cannot have ${present.join(' and ')}.`);
  }

  /** Links: https, mailto and tel; http only to this machine, which is where a sandbox lives. */
  function checkLink(url) {
    const loopback = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/;
    if (!/^(https:\/\/|mailto:|tel:)/.test(url) && !loopback.test(url)) {
      throw new Error(`OpenLink: ${url} is not an https, mailto or tel link.`);
    }
    const prefixes = settings.openLinkUrlPrefixes;
    if (prefixes && /^http/.test(url) && !prefixes.some((prefix) => covers(prefix, url))) {
      throw new Error(`OpenLink: ${url} is not covered by openLinkUrlPrefixes.`);
    }
  }

  /** The published rule: identical to the prefix, or a child of it. */
  function covers(prefix, url) {
    if (!url.startsWith(prefix)) return false;
    return prefix.endsWith('/') || url.length === prefix.length || /[/?#]/.test(url[prefix.length]);
  }

  /** Names of inputs are unique in a card; switches may share one. */
  function checkFieldNames(card) {
    const seen = new Set();
    for (const section of card.sections ?? []) {
      for (const widget of section.widgets) {
        const name = (widget.textInput ?? widget.selectionInput)?.name;
        if (name === undefined) continue;
        if (seen.has(name)) throw new Error(`Card: two inputs are called ${name}.`);
        seen.add(name);
      }
    }
  }

  function checkConference(data) {
    if (data.error) return;
    const points = data.entryPoints ?? [];
    if (!data.conferenceId) throw new Error('ConferenceData: needs a conference ID.');
    if (!points.length) throw new Error('ConferenceData: needs an entry point.');
    for (const type of ['VIDEO', 'SIP', 'MORE']) {
      if (points.filter((point) => point.type === type).length > 1) {
        throw new Error(`ConferenceData: only one ${type} entry point is allowed.`);
      }
    }
    if (points.every((point) => point.type === 'MORE')) {
      throw new Error('ConferenceData: MORE cannot be the only entry point.');
    }
  }

  // ------------------------------------------------------------- the machine

  function make(type, data = {}) {
    const spec = CLASSES[type];
    const object = Object.create(prototypes[type]);
    stores.set(object, { type, spec, data });
    return Object.freeze(object);
  }

  /** What a stand-in holds, checked, as plain data; a widget under its key in the card. */
  function plainOf(object) {
    const { type, spec, data } = storeOf(object);
    for (const key of spec.requires ?? []) {
      const value = data[key];
      const missing = value === undefined || (value === '' && key !== 'altText' && key !== 'value');
      if (missing) throw new Error(`${type}: ${key} is required.`);
    }
    if (!spec.builds) spec.check?.(data);
    const copy = structuredClone(data);
    if (spec.widget) return { [spec.widget]: copy };
    return copy;
  }

  function method(type, name, { kinds, apply }) {
    return function (...given) {
      const store = storeOf(this);
      const fits =
        given.length === kinds.length && kinds.every((kind, index) => kind.accepts(given[index]));
      if (!fits) {
        const words = given.map(describe).join(',');
        throw new Error(
          `The parameters (${words}) don't match the method signature for ${type}.${name}.`
        );
      }
      apply(store.data, given.map((value, index) => kinds[index].plain(value)), type);
      return this;
    };
  }

  const prototypes = Object.fromEntries(
    Object.entries(CLASSES).map(([type, spec]) => {
      const prototype = { constructor: { name: type } };
      for (const [name, definition] of Object.entries(spec.methods)) {
        prototype[name] = method(type, name, definition);
      }
      if (spec.builds) {
        prototype.build = function () {
          const { data } = storeOf(this);
          spec.check?.(data);
          return make(spec.builds, structuredClone(data));
        };
      }
      return [type, Object.freeze(prototype)];
    })
  );

  function factory(...types) {
    return Object.fromEntries(types.map((type) => ['new' + type, () => make(type)]));
  }

  // --------------------------------------------------------------- services

  world.CardService = Object.freeze({
    ...factory('Action', 'ActionResponseBuilder', 'ButtonSet', 'CardAction', 'CardBuilder',
      'CardHeader', 'CardSection', 'DecoratedText', 'Divider', 'FixedFooter', 'IconImage', 'Image',
      'ImageButton', 'MaterialIcon', 'Navigation', 'Notification', 'OpenLink', 'SelectionInput',
      'Suggestions', 'Switch', 'TextButton', 'TextInput', 'TextParagraph',
      'UniversalActionResponseBuilder', 'Validation'),
    DisplayStyle: enumeration('DisplayStyle', ['PEEK', 'REPLACE']),
    Icon: enumeration('Icon', ['NONE', 'AIRPLANE', 'BOOKMARK', 'BUS', 'CAR', 'CLOCK',
      'CONFIRMATION_NUMBER_ICON', 'DOLLAR', 'DESCRIPTION', 'EMAIL', 'EVENT_PERFORMER',
      'EVENT_SEAT', 'FLIGHT_ARRIVAL', 'FLIGHT_DEPARTURE', 'HOTEL', 'HOTEL_ROOM_TYPE', 'INVITE',
      'MAP_PIN', 'MEMBERSHIP', 'MULTIPLE_PEOPLE', 'OFFER', 'PERSON', 'PHONE', 'RESTAURANT_ICON',
      'SHOPPING_CART', 'STAR', 'STORE', 'TICKET', 'TRAIN', 'VIDEO_CAMERA', 'VIDEO_PLAY']),
    ImageCropType: enumeration('ImageCropType', ['SQUARE', 'CIRCLE', 'RECTANGLE_CUSTOM',
      'RECTANGLE_4_3']),
    ImageStyle: enumeration('ImageStyle', ['SQUARE', 'CIRCLE']),
    InputType: enumeration('InputType', ['TEXT', 'INTEGER', 'FLOAT', 'EMAIL']),
    LoadIndicator: enumeration('LoadIndicator', ['SPINNER', 'NONE']),
    OnClose: enumeration('OnClose', ['NOTHING', 'RELOAD']),
    OpenAs: enumeration('OpenAs', ['FULL_SIZE', 'OVERLAY']),
    SelectionInputType: enumeration('SelectionInputType', ['CHECK_BOX', 'RADIO_BUTTON',
      'DROPDOWN', 'SWITCH']),
    SwitchControlType: enumeration('SwitchControlType', ['SWITCH', 'CHECK_BOX']),
    TextButtonStyle: enumeration('TextButtonStyle', ['OUTLINED', 'FILLED', 'FILLED_TONAL',
      'BORDERLESS']),
  });

  world.ConferenceDataService = Object.freeze({
    ...factory('ConferenceDataBuilder', 'ConferenceError', 'ConferenceParameter', 'EntryPoint'),
    ConferenceErrorType: enumeration('ConferenceErrorType', ['AUTHENTICATION',
      'CONFERENCE_SOLUTION_FORBIDDEN', 'PERMANENT', 'PERMISSION_DENIED', 'TEMPORARY', 'UNKNOWN']),
    EntryPointFeature: enumeration('EntryPointFeature', ['UNKNOWN_FEATURE', 'TOLL', 'TOLL_FREE']),
    EntryPointType: enumeration('EntryPointType', ['VIDEO', 'PHONE', 'MORE', 'SIP']),
  });

  /** One synchronous exchange with the page's own server. */
  function ask(verb, path, body) {
    const request = new XMLHttpRequest();
    request.open(verb, path, false);
    if (body !== undefined) request.setRequestHeader('Content-Type', 'application/json');
    request.send(body === undefined ? null : JSON.stringify(body));
    if (request.status !== 200) {
      throw new Error(`Service invoked too many times or unavailable (${request.status}).`);
    }
    return JSON.parse(request.responseText);
  }

  world.ScriptApp = Object.freeze({
    getIdentityToken: () => ask('GET', '/apps_script/identity_token').token,
    getOAuthToken: () => ask('GET', '/apps_script/oauth_token').token,
  });

  world.Session = Object.freeze({
    getActiveUserLocale: () => settings.userLocale,
  });

  class HTTPResponse {
    #answer;

    constructor(answer) {
      this.#answer = answer;
    }

    getResponseCode() {
      return this.#answer.status;
    }

    getContentText() {
      return this.#answer.body;
    }

    getHeaders() {
      return { ...this.#answer.headers };
    }
  }

  /** What UrlFetchApp.fetch takes beside the URL (…/reference/url-fetch), and its checks. */
  const FETCH_OPTIONS = {
    method: (v) => ['get', 'post', 'put', 'patch', 'delete'].includes(v),
    headers: STRING_MAP.accepts,
    contentType: STRING.accepts,
    payload: STRING.accepts,
    muteHttpExceptions: BOOLEAN.accepts,
    followRedirects: BOOLEAN.accepts,
    validateHttpsCertificates: BOOLEAN.accepts,
    escaping: BOOLEAN.accepts,
    timeoutSeconds: (v) => Number.isInteger(v) && v > 0,
  };

  world.UrlFetchApp = Object.freeze({
    fetch(url, options = {}) {
      if (typeof url !== 'string' || !/^https?:\/\//.test(url)) {
        throw new Error(`Attribute provided with invalid value: url (${describe(url)}).`);
      }
      for (const [name, value] of Object.entries(options)) {
        if (!FETCH_OPTIONS[name]?.(value)) {
          throw new Error(`Attribute provided with invalid value: ${name}.`);
        }
      }
      const answer = ask('POST', '/apps_script/fetch', {
        url,
        method: options.method ?? 'get',
        headers: options.headers ?? {},
        contentType: options.contentType ?? null,
        payload: options.payload ?? null,
        followRedirects: options.followRedirects ?? true,
        timeoutSeconds: options.timeoutSeconds ?? DEFAULT_FETCH_SECONDS,
      });
      if (answer.error) throw new Error(answer.error);
      if (answer.status >= 400 && !options.muteHttpExceptions) {
        throw new Error(`Request failed for ${url} returned code ${answer.status}.`);
      }
      return new HTTPResponse(answer);
    },
  });

  world.AppsScriptSandbox = Object.freeze({
    plain(value) {
      if (Array.isArray(value)) return value.map((item) => this.plain(item));
      if (!stores.has(value)) return value;
      const { type } = storeOf(value);
      return { kind: type, ...plainOf(value) };
    },
    configure(changes) {
      for (const key of Object.keys(changes)) {
        if (!(key in settings)) throw new Error(`no such setting: ${key}`);
      }
      Object.assign(settings, changes);
    },
  });
})(globalThis);
