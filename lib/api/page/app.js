'use strict';
// The web page of cc-relay's management API: a view of /api/v1 and of nothing else. From top to
// bottom: what is kept, the tree, words, calls, streams, what is known, the sections, acting, keys.
// Text from outside only ever becomes text nodes and attributes, never markup.

// ---- What is kept: the token while the tab is open, the theme for good

function kept(store, name, value) {
  try {
    const storage = window[store];
    if (value === undefined) return storage.getItem(name);
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, value);
  } catch {
    // The browser keeps nothing; then this page does, as long as it is there.
  }
  return value ?? null;
}

function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}
// At once, before anything is drawn.
showTheme(kept('localStorage', 'cc-relay-theme'));

const isDark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

// ---- The tree: h() tells what should be there, fill() changes what differs. Nodes stay, and with
// them focus, selection and scroll place.

const svgSpace = 'http://www.w3.org/2000/svg';

/** h('td.num', {key, onclick…}, child…): a string is a text, null and false nothing. */
function h(name, ...kids) {
  const [tag, ...classes] = name.split('.');
  const [first] = kids;
  const props = first && typeof first === 'object' && !first.tag && !Array.isArray(first) ? { ...kids.shift() } : {};
  if (classes.length > 0) props.class = classes.concat(props.class ?? []).join(' ');
  const { key = null } = props;
  delete props.key;
  return { tag, key, props, kids };
}
const tidy = (kids) =>
  kids.flat(Infinity).filter((kid) => kid !== null && kid !== false && kid !== undefined)
    .map((kid) => (typeof kid === 'object' ? kid : String(kid)));

function setProp(node, name, value) {
  if (name.startsWith('on') || name === 'checked' || name === 'value') {
    node[name] = value ?? (name.startsWith('on') ? null : false);
  } else if (value === undefined || value === null || value === false) {
    node.removeAttribute(name);
  } else {
    node.setAttribute(name, value === true ? '' : value);
  }
}

function make(wanted, space) {
  if (typeof wanted === 'string') return document.createTextNode(wanted);
  const inside = wanted.tag === 'svg' ? svgSpace : space;
  const node = inside ? document.createElementNS(inside, wanted.tag) : document.createElement(wanted.tag);
  if (wanted.tag === 'button') node.type = 'button';
  update(node, wanted, inside);
  return node;
}

function update(node, wanted, space) {
  const before = node.told?.props ?? {};
  node.told = wanted;
  fill(node, wanted.kids, space);
  for (const name in before) if (!(name in wanted.props)) setProp(node, name, null);
  for (const [name, value] of Object.entries(wanted.props)) {
    if (before[name] !== value) setProp(node, name, value);
  }
}

function fill(parent, given, space = null) {
  const kids = tidy(given);
  const tags = new Map(kids.map((kid) => [kid.key ?? null, kid.tag]));
  const byKey = new Map();
  for (const node of [...parent.childNodes]) {
    const key = node.told?.key ?? null;
    if (key === null) continue;
    if (tags.get(key) === node.told.tag) byKey.set(key, node);
    else node.remove();
  }
  let at = parent.firstChild;
  for (const kid of kids) {
    const key = kid.key ?? null;
    let node = at;
    if (typeof kid === 'string') {
      if (node?.nodeType !== Node.TEXT_NODE) node = null;
    } else if (key !== null) {
      node = byKey.get(key) ?? null;
    } else if (!node?.told || node.told.key !== null || node.told.tag !== kid.tag) {
      node = null;
    }
    if (node === null) {
      parent.insertBefore(make(kid, space), at);
      continue;
    }
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
    if (typeof kid !== 'string') update(node, kid, space);
    else if (node.data !== kid) node.data = kid;
  }
  while (at !== null) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

// ---- Words and figures

const nothing = '–';
const thin = '\u202f';

const digits3 = (x) => x.toFixed(x < 9.995 ? 2 : x < 99.95 ? 1 : 0);
const grouped = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, thin);

function count(n) {
  if (n === null || n === undefined) return nothing;
  if (n < 1e5) return grouped(String(Math.round(n)));
  if (n < 999500) return `${Math.round(n / 1e3)}k`;
  return n < 999.5e6 ? `${digits3(n / 1e6)}M` : `${digits3(n / 1e9)}G`;
}
const rate = (n) => (n >= 1000 ? count(n) : n >= 100 ? String(Math.round(n)) : (n ?? 0).toFixed(1));
const dollars = (nano) => {
  const usd = (nano ?? 0) / 1e9;
  if (usd > 0 && usd < 0.01) return `$${usd.toPrecision(2)}`;
  return `$${grouped(usd.toFixed(2).slice(0, -3))}${usd.toFixed(2).slice(-3)}`;
};
const percent = (part) =>
  part === null || part === undefined ? nothing : `${(part * 100).toFixed(part < 0.9995 && part > 0 ? 1 : 0)} %`;

function bytes(n) {
  let unit = 0;
  for (; n >= 1024 && unit < 3; ++unit) n /= 1024;
  return `${unit === 0 ? n : digits3(n)} ${['B', 'KiB', 'MiB', 'GiB'][unit]}`;
}

/** Of milliseconds: "3 min 20 s". */
function long(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${s / 60} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}
/** Of microseconds: "612 ms". */
function took(us) {
  if (us === null || us === undefined) return nothing;
  if (us < 1e4) return `${(us / 1e3).toFixed(1)} ms`;
  if (us < 999.5e3) return `${Math.round(us / 1e3)} ms`;
  return us < 6e7 ? `${digits3(us / 1e6)} s` : long(us / 1e3);
}

const two = (n) => String(n).padStart(2, '0');
const dayOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const timeOf = (date) => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
function clock(stamp) {
  if (!stamp) return nothing;
  const date = new Date(stamp);
  const today = dayOf(date) === dayOf(new Date());
  return today ? timeOf(date) : `${dayOf(date)} ${timeOf(date).slice(0, 5)}`;
}
/** The relay's clock, as far as its last status told. */
const now = () => Date.now() + known.skew;
const left = (stamp) => long(Date.parse(stamp) - now());
function ago(stamp) {
  if (!stamp) return nothing;
  const ms = now() - Date.parse(stamp);
  return ms < 2000 ? 'now' : `${long(ms < 60000 ? ms : ms - (ms % 60000))} ago`;
}

/** 'PROVIDER_HEALTH_HALF_OPEN', 'PROVIDER_HEALTH_' -> 'HALF OPEN' */
const word = (value, prefix) => String(value ?? '').replace(prefix, '').replaceAll('_', ' ');
const lower = (value, prefix) => word(value, prefix).toLowerCase();

const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
const badge = ([text, tone]) => h(`span.badge.${tone}`, text);
const small = (...text) => h('small', ...text);
const mono = (text) => h('span.mono', text);

// ---- Calls

class Refusal extends Error {
  constructor(status, error) {
    super(error?.message || `The relay answered ${status}.`);
    this.status = status;
    this.code = error?.code ?? '';
    this.diagnostics = error?.diagnostics ?? [];
  }
}

function toQuery(fields) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields ?? {})) {
    for (const each of [value].flat()) if (each !== '' && each !== null) query.append(name, each);
  }
  return query.size > 0 ? `?${query}` : '';
}

async function ask(path, { query, body, signal, accept = 'application/json' } = {}) {
  const headers = { accept };
  if (known.token) headers.authorization = `Bearer ${known.token}`;
  if (body) headers['content-type'] = 'application/json';
  const answer = await fetch(`/api/v1${path}${toQuery(query)}`, {
    method: body ? 'POST' : 'GET',
    headers,
    body: body && JSON.stringify(body),
    signal,
    cache: 'no-store',
    redirect: 'error',
  });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new Refusal(answer.status, told?.error);
}
const get = async (path, query) => (await ask(path, { query })).json();
const post = async (path, body) => (await ask(path, { body })).json();

/** Reads all pages of a list; ten thousand items are enough for a page of ours. */
const list = (name) => async () => {
  const items = [];
  let token = '';
  for (let page = 0; page < 10; ++page) {
    const answer = await get(`/${name}`, { page_size: 1000, page_token: token });
    items.push(...answer[name]);
    token = answer.next_page_token;
    if (!token) break;
  }
  known[name] = items;
};

// ---- Streams. EventSource can't send a header, so they are read by hand.

const silenceMs = 45000; // three of the relay's signs of life

async function watch({ path, query, take }, signal, opened) {
  const connection = new AbortController();
  const end = () => connection.abort();
  signal.addEventListener('abort', end);
  let alarm = setTimeout(end, silenceMs);
  try {
    const answer = await ask(path, { query: query(), signal: connection.signal, accept: 'text/event-stream' });
    opened();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(alarm);
      alarm = setTimeout(end, silenceMs);
      const events = (rest + value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) {
        const data = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
        if (data.length === 0) continue;
        const message = JSON.parse(data.map((line) => line.slice(5)).join('\n'));
        if (message.error?.code) throw new Refusal(503, message.error);
        if (signal.aborted) return;
        take(message);
        repaintSoon();
      }
    }
  } finally {
    clearTimeout(alarm);
    signal.removeEventListener('abort', end);
    end();
  }
}

const sleep = (ms, signal) =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });

const streams = {
  status: {
    in: null, // all sections
    path: '/status:watch',
    query: () => ({ interval_ms: 1000, history_seconds: 300 }),
    opened() {
      known.history = [];
      loadInfo();
    },
    take: takeStatus,
  },
  requests: {
    in: 'requests',
    path: '/requests:watch',
    query: () => ({ include_existing: true, progress_interval_ms: 1000, queue_events: 4096 }),
    opened() {
      known.synced = false;
      known.running = new Set();
      loadEnded();
    },
    take: takeRequestEvent,
  },
  log: {
    in: 'log',
    path: '/logs:watch',
    query: () => ({ tail: 200, min_level: `LOG_LEVEL_${known.minLevel}` }),
    opened() {
      known.log = [];
    },
    take: takeLogEvent,
  },
};
const isSeen = () => !document.hidden && document.visibilityState !== 'hidden';
const open = new Map(); // name -> {control, up, why}

/** Opens the streams that are of use now and closes the others. */
function sync() {
  const active = known.signedIn && !known.paused && isSeen();
  for (const [name, stream] of Object.entries(streams)) {
    const wanted = active && (stream.in === null || stream.in === known.section);
    const is = open.get(name);
    if (wanted && !is) {
      const link = { control: new AbortController(), up: false, why: '' };
      open.set(name, link);
      keep(stream, link);
    } else if (!wanted && is) {
      open.delete(name);
      is.control.abort();
    }
  }
  if (active) tick();
}

/** Reads a stream for ever: when it is lost, again after 1, 2, 4 … 15 s. */
async function keep(stream, link) {
  const { signal } = link.control;
  let wait = 1;
  while (!signal.aborted) {
    try {
      await watch(stream, signal, () => {
        stream.opened();
        wait = 1;
        link.up = true;
        link.why = '';
        repaintSoon();
      });
    } catch (problem) {
      if (!signal.aborted && (problem.status === 401 || problem.status === 403)) return refused(problem);
      link.why = problem instanceof Refusal ? problem.message : '';
    }
    if (signal.aborted) return;
    link.up = false;
    link.lost = true;
    repaintSoon();
    await sleep(wait * 1000, signal);
    wait = Math.min(wait * 2, 15);
  }
}

/** What the region `status` says of the connection. */
function linkWord() {
  if (known.denied) return ['not allowed', 'bad'];
  if (!known.signedIn) return ['signed out', 'off'];
  if (known.paused) return ['paused', 'warn'];
  const links = [...open.values()];
  if (links.some((link) => link.lost && !link.up)) return ['reconnecting', 'warn'];
  return open.get('status')?.up ? ['live', 'good'] : ['connecting', 'off'];
}

// ---- What is known

/** What the relay has told, before it has. */
function nothingKnown() {
  const lists = { providers: null, keys: null, clients: null, config: null, checked: null, level: null };
  return {
    ...lists, usage: {}, info: null, status: null, cpu: null, history: [], log: [],
    requests: new Map(), running: new Set(), synced: false, lost: 0,
  };
}

const known = {
  token: '',
  signedIn: false,
  denied: '',
  paused: false,
  section: 'overview',
  filter: '',
  sort: {}, // by table: {column, down}
  skew: 0,
  troubleOnly: false,
  runningOnly: false,
  usageBy: 'model',
  usageDays: '7',
  minLevel: 'DEBUG',
  said: null,
  details: null, // {kind, id, request}
  ...nothingKnown(),
};
const operator = () => known.info?.caller?.role === 'ROLE_OPERATOR';

function takeStatus({ status }) {
  const before = known.status;
  known.skew = Date.parse(status.time) - Date.now();
  known.history = known.history.concat(status.history ?? []).slice(-300);
  if (before?.process && status.process) {
    const ms = Date.parse(status.time) - Date.parse(before.time);
    if (ms > 0) known.cpu = Math.max(0, status.process.cpu_ms - before.process.cpu_ms) / ms;
  }
  if (before && before.config_generation !== status.config_generation) {
    loads.config.at = 0;
    loadInfo();
  }
  known.status = status;
  tick();
}

async function loadInfo() {
  try {
    const { info } = await get('/info');
    if (known.info && known.info.start_time !== info.start_time) {
      known.requests.clear();
      say('The relay has been restarted.');
    }
    known.info = info;
    repaintSoon();
  } catch {
    // The stream will tell.
  }
}

// Lists have no streams of their own: they are asked again when a status comes.
const loads = {
  providers: { in: ['overview', 'providers'], every: 900, run: list('providers') },
  keys: { in: ['keys'], every: 900, run: list('keys') },
  clients: { in: ['clients'], every: 900, run: list('clients') },
  details: { in: null, every: 900, run: loadDetails },
  usage: { in: ['usage'], every: 30000, run: loadUsage },
  config: { in: ['config'], every: 60000, run: async () => void (known.config = await get('/config')) },
  level: { in: ['log'], every: 10000, run: async () => void (known.level = await get('/log-level')) },
};

function tick() {
  for (const [name, load] of Object.entries(loads)) {
    const due = load.in === null || load.in.includes(known.section);
    if (due && !load.busy && performance.now() >= (load.at ?? 0)) refresh(name);
  }
}

async function refresh(name) {
  const load = loads[name];
  const begun = performance.now();
  load.busy = true;
  load.at = begun + load.every;
  try {
    await load.run();
    load.error = '';
  } catch (problem) {
    if (problem.status === 401) refused(problem);
    // No answer at all: the streams say so already.
    load.error = problem instanceof Refusal ? problem.message : '';
  }
  load.busy = false;
  // What takes long is asked seldom; at 0 it was asked for again meanwhile.
  const ended = performance.now();
  if (load.at > 0) load.at = Math.max(load.at, ended + 4 * (ended - begun));
  else tick();
  repaintSoon();
}
function refreshNow(name) {
  loads[name].at = 0;
  tick();
}

const requestsKept = 500;

function putRequest(request) {
  const one = Object.assign(known.requests.get(request.id) ?? {}, request);
  one.at = Date.parse(one.start_time);
  known.requests.set(one.id, one);
  if (known.requests.size <= requestsKept + 50) return one;
  // The oldest of those that ended make room.
  const ended = [...known.requests.values()].filter((each) => each.state === 'REQUEST_STATE_ENDED');
  ended.sort((a, b) => a.at - b.at);
  for (const old of ended.slice(0, 50)) known.requests.delete(old.id);
  return one;
}

function takeRequestEvent(event) {
  const request = event.existing ?? event.started ?? event.ended;
  if (request) {
    if (!known.synced) known.running.add(request.id);
    putRequest(request);
  }
  const about = event.attempt_started ?? event.attempt_ended ?? event.first_byte ?? event.progress;
  const one = about && known.requests.get(about.id);
  if (one && event.attempt_started) {
    const { provider, key, model, number } = about.attempt;
    Object.assign(one, { provider, key, model_sent: model, attempt_count: number });
    one.state = 'REQUEST_STATE_WAITING';
  } else if (one && event.attempt_ended) {
    const bad = !['OUTCOME_SUCCESS', 'OUTCOME_CANCELLED'].includes(about.attempt.outcome);
    one.troubled = one.troubled || bad;
  } else if (one && event.first_byte) {
    const { provider, status, first_byte_us } = about;
    Object.assign(one, { provider, status, first_byte_us, state: 'REQUEST_STATE_STREAMING' });
  } else if (one && event.progress) {
    const { state, response_bytes, usage } = about;
    Object.assign(one, { state, response_bytes, usage });
  }
  if (event.synced) {
    // What ran before the connection was lost and is not told of now has ended meanwhile.
    for (const each of [...known.requests.values()]) {
      if (each.state !== 'REQUEST_STATE_ENDED' && !known.running.has(each.id)) known.requests.delete(each.id);
    }
    known.synced = true;
    known.running.clear();
  }
  if (event.lost) {
    known.lost += event.lost.events;
    loadEnded();
  }
}

async function loadEnded() {
  try {
    const { requests } = await get('/requests', { ended: true, page_size: 200 });
    for (const request of requests) putRequest(request);
    known.lostAsked = false;
    repaintSoon();
  } catch {
    // What ends from now on comes by the stream.
  }
}

let lineNumber = 0;
function takeLogEvent(event) {
  if (event.heartbeat) return;
  const line = event.line ?? { event: 'lost', message: `${event.lost} lines are missing here`, level: '', fields: {} };
  line.number = ++lineNumber;
  known.log.unshift(line);
  known.log.length = Math.min(known.log.length, requestsKept);
}

// ---- Painting: at most four times a second, or at once for what the user did

const paintEvery = 250;
let painted = -paintEvery;
let paintDue = 0;

function repaintSoon() {
  if (paintDue || !isSeen()) return;
  paintDue = setTimeout(paint, Math.max(0, painted + paintEvery - performance.now()));
}

function paint() {
  clearTimeout(paintDue);
  paintDue = 0;
  painted = performance.now();
  const focused = document.activeElement;
  const main = document.getElementById('main');
  fill(document.getElementById('head'), header());
  fill(main, known.signedIn ? sections[known.section].view() : signInForm());
  if (known.details) paintDetails();
  main.classList.toggle('stale', known.signedIn && linkWord()[0] === 'reconnecting');
  const title = known.signedIn ? sections[known.section].name : 'Sign in';
  if (document.title !== `${title} · cc-relay`) document.title = `${title} · cc-relay`;
  // A node that moved has lost the focus; one that is gone leaves it to the list.
  if (focused && focused !== document.body && document.activeElement !== focused) {
    (focused.isConnected ? focused : main).focus({ preventScroll: true });
  }
}

function say(text, tone = 'good') {
  clearTimeout(known.said?.timer);
  known.said = { text, tone, timer: setTimeout(() => ((known.said = null), repaintSoon()), 20000) };
  repaintSoon();
}

function header() {
  const { info, status, signedIn } = known;
  const [text, tone] = linkWord();
  const states = { SERVING: 'good', 'NOT READY': 'bad', DRAINING: 'warn' };
  const state = word(status?.state, 'SERVER_STATE_');
  const lost = text === 'reconnecting' && status ? `, last seen ${clock(status.time)}` : '';
  const why = [...open.values()].map((link) => link.why).find(Boolean);
  return [
    h('div.bar',
      h('h1', 'cc-relay', signedIn && info && small(' ', info.version)),
      signedIn && info && h('span.where', info.listen_addresses[0] ?? info.hostname),
      signedIn && status && badge([state, states[state] ?? 'off']),
      h('div.link', { role: 'status', key: 'status' },
        h('span.dot', { class: tone, 'aria-hidden': 'true' }),
        h('span', text, lost),
        known.denied && h('span.why', `: ${known.denied}`),
        text === 'reconnecting' && why && h('span.why', `: ${why}`),
        known.said && h('p.said', { class: known.said.tone }, known.said.text)),
      h('div.tools', { key: 'tools' },
        signedIn && h('input', {
          key: 'filter', type: 'search', id: 'filter', 'aria-label': 'Filter', placeholder: 'filter…',
          autocomplete: 'off', spellcheck: 'false', value: known.filter,
          oninput: (event) => ((known.filter = event.target.value), paint()),
        }),
        signedIn && h('button.tool', {
          key: 'pause', 'aria-pressed': String(known.paused), title: 'Pause (p)', onclick: pause,
        }, 'Pause'),
        h('button.tool', { key: 'help', 'aria-label': 'Keys', title: 'Keys (?)', onclick: showHelp }, '?'),
        h('button.tool', {
          key: 'theme', role: 'switch', 'aria-label': 'Theme', title: 'Dark theme',
          'aria-checked': String(isDark()), onclick: switchTheme,
        }, '◐'),
        signedIn && h('button.tool', { key: 'out', onclick: () => signOut('') }, 'Sign out'))),
    signedIn && h('nav', { key: 'nav', 'aria-label': 'Sections' },
      Object.entries(sections).map(([id, { name }]) =>
        h('a', { href: `#${id}`, 'aria-current': id === known.section ? 'page' : null }, name))),
  ];
}

function pause() {
  known.paused = !known.paused;
  sync();
  paint();
}

function switchTheme() {
  const theme = isDark() ? 'light' : 'dark';
  showTheme(theme);
  kept('localStorage', 'cc-relay-theme', theme);
  paint();
}

// ---- Signing in and out

function signInForm() {
  return [
    h('form.signin', {
      key: 'signin',
      onsubmit: (event) => {
        event.preventDefault();
        signIn(event.target.elements.token.value.trim());
      },
    },
    h('h2', 'Sign in'),
    h('p', 'This relay shows itself to those who have one of its tokens. On its own machine ',
      h('code', 'cc-relay web --open'), ' brings one along.'),
    h('label', { for: 'token' }, 'Token'),
    h('input', {
      id: 'token', name: 'token', type: 'password', autocomplete: 'current-password', spellcheck: 'false',
      'aria-invalid': known.denied ? 'true' : null,
    }),
    h('button.primary', { type: 'submit' }, 'Sign in'),
    small('It is kept until this tab is closed. Leave it empty where your certificate is enough.')),
  ];
}

function signIn(token) {
  // What can't stand in a header is no token.
  if (/[^\x21-\x7e]/.test(token)) return signOut('a token has no such characters');
  known.denied = '';
  known.token = token;
  known.signedIn = true;
  known.paused = false;
  kept('sessionStorage', 'cc-relay-token', token);
  sync();
  paint();
}

function signOut(why) {
  known.token = '';
  known.signedIn = false;
  known.denied = why;
  kept('sessionStorage', 'cc-relay-token', null);
  Object.assign(known, nothingKnown());
  closeDetails();
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  sync();
  paint();
  document.getElementById('token')?.focus();
}
const refused = (problem) => signOut(problem.message);

// ---- Parts of sections

const matches = (...texts) => {
  const wanted = known.filter.trim().toLowerCase();
  return wanted === '' || texts.flat().join(' ').toLowerCase().includes(wanted);
};

const noneFits = 'There is none, or none that fits.';
const waiting = 'Waiting for the relay.';

function heading(name, ...beside) {
  return h('div.heading', { key: 'heading' }, h('h2', name), ...beside);
}
const note = (text, tone = '') => (text ? h(`p.note${tone && `.${tone}`}`, { key: `note-${tone}` }, text) : null);

/**
 * A table with a row for each item. Columns: {name, cell, by: what it is sorted by, num: figures}.
 * On a narrow screen its rows are cards. Roles are said once more, since cards are no table's rows.
 */
function table(name, columns, rows, keyOf, empty = noneFits) {
  const sort = known.sort[name];
  const by = sort && columns[sort.column]?.by;
  let shown = rows;
  if (by) {
    const sign = sort.down ? -1 : 1;
    shown = rows.toSorted((a, b) => {
      const [x, y] = [by(a), by(b)];
      return sign * (typeof x === 'string' ? x.localeCompare(y) : (x ?? -1) - (y ?? -1));
    });
  }
  const hidden = Math.max(0, shown.length - requestsKept);
  shown = shown.slice(0, requestsKept);
  const sortBy = (column) => () => {
    known.sort[name] = { column, down: sort?.column === column ? !sort.down : Boolean(columns[column].num) };
    paint();
  };
  const headCell = (column, index) => {
    const active = by && sort.column === index;
    return h('th', {
      role: 'columnheader', scope: 'col', class: column.num ? 'num' : null,
      'aria-sort': active ? (sort.down ? 'descending' : 'ascending') : null,
    }, column.by
      ? h('button.sort', { onclick: sortBy(index) }, column.name, h('span', { 'aria-hidden': 'true' }, active ? (sort.down ? ' ↓' : ' ↑') : ''))
      : h('span', { class: column.quiet ? 'unseen' : null }, column.name));
  };
  const cell = (row) => (column, index) => {
    const props = { role: index ? 'cell' : 'rowheader', class: [column.num && 'num', column.quiet && 'acts'].filter(Boolean).join(' ') || null };
    if (index) props['data-label'] = column.quiet ? '' : column.name;
    else props.scope = 'row';
    return h(index ? 'td' : 'th', props, h('div.value', column.cell(row)));
  };
  return h('div.frame', { key: `table-${name}` },
    h('table', { role: 'table', 'aria-label': name },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, columns.map(headCell))),
      h('tbody', { role: 'rowgroup' }, shown.map((row) => h('tr', { role: 'row', key: keyOf(row) }, columns.map(cell(row)))))),
    shown.length === 0 && h('p.empty', empty),
    hidden > 0 && h('p.empty', `and ${plural(hidden, 'more')}: filter to find them`));
}

/** A column of figures. */
const figure = (name, of, show = count) => ({ name, num: true, by: of, cell: (row) => show(of(row)) });

const requestsOf = figure('Requests', (row) => row.totals.requests);
const costOf = figure('Cost', (row) => row.totals.cost.nano_usd, dollars);

const act = (label, name, run, tone = '') =>
  h(`button.act${tone && `.${tone}`}`, { 'aria-label': name, onclick: run }, label);
const detailsOf = (kind, id) =>
  h('button.name', { 'aria-label': `Details of ${kind} ${id}`, onclick: () => showDetails(kind, id) }, id);

/** A part of a whole as a thin bar; the figures stand beside it. */
function bar(part, tone = '') {
  const width = `${(Math.max(0, Math.min(1, part || 0)) * 100).toFixed(1)}%`;
  return h('svg.gauge', { 'aria-hidden': 'true', class: tone },
    h('rect.all', { width: '100%', height: '100%', rx: '2' }), h('rect.part', { width, height: '100%', rx: '2' }));
}
const toneOf = (part) => (part >= 1 ? 'bad' : part >= 0.8 ? 'warn' : 'good');

const budgetNames = {
  REQUESTS_PER_MINUTE: 'requests/min', INPUT_TOKENS_PER_MINUTE: 'tokens in/min',
  OUTPUT_TOKENS_PER_MINUTE: 'tokens out/min', TOKENS_PER_MINUTE: 'tokens/min',
  CONCURRENT_REQUESTS: 'at once', NANO_USD_PER_DAY: 'a day', NANO_USD_PER_MONTH: 'a month',
};
function budget(one) {
  const kind = one.kind.replace('BUDGET_KIND_', '');
  const show = kind.startsWith('NANO_USD') ? dollars : count;
  const told = one.provider_limit ?? 0;
  const limit = one.limit || told;
  const used = !one.limit && told && Number.isFinite(one.provider_remaining ?? NaN) ? told - one.provider_remaining : one.used;
  if (!limit) return null;
  return h('div.budget', bar(used / limit, toneOf(used / limit)), h('span', `${show(used)} / ${show(limit)} ${budgetNames[kind] ?? lower(kind)}`));
}
const planWindow = (one) =>
  h('div.budget', bar(one.utilization, toneOf(one.utilization)),
    h('span', `${one.name} ${percent(one.utilization)}${one.reset_time ? ` until ${clock(one.reset_time)}` : ''}`));

const facts = (name, pairs) =>
  h('section.panel', { key: name, 'aria-label': name }, h('h3', name),
    h('dl', pairs.filter(Boolean).map(([label, ...value]) => h('div', h('dt', label), h('dd', ...value)))));

const overrideText = (override) => {
  if (!override) return null;
  const until = override.expire_time ? `, ${left(override.expire_time)} left` : '';
  const reason = override.reason ? `: ${override.reason}` : '';
  return `by ${override.set_by} since ${clock(override.set_time)}${until}${reason}`;
};
const errorText = (error) =>
  error && `${clock(error.time)} ${lower(error.outcome, 'OUTCOME_')}${error.status ? ` ${error.status}` : ''}${error.message ? `: ${error.message}` : ''}`;

const tokensIn = (usage) => (usage ? usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens : 0);

// ---- Overview

const bucketSeconds = 5;
const windowSeconds = 300;

/** Means of five seconds each, on places that do not move: [seconds ago, value]. */
function series(of) {
  const buckets = new Map();
  for (const sample of known.history) {
    const bucket = Math.floor(Date.parse(sample.time) / 1000 / bucketSeconds);
    const one = buckets.get(bucket) ?? { sum: 0, n: 0 };
    one.sum += of(sample);
    ++one.n;
    buckets.set(bucket, one);
  }
  const last = Math.floor(now() / 1000);
  return [...buckets].map(([bucket, { sum, n }]) => [last - (bucket + 0.5) * bucketSeconds, sum / n]);
}

function spark(points) {
  const [width, height] = [windowSeconds, 40];
  const most = Math.max(...points.map(([, value]) => value), 1e-9);
  const place = ([age, value]) =>
    `${Math.max(0, width - age).toFixed(1)} ${(height - 2 - (value / most) * (height - 5)).toFixed(1)}`;
  const line = points.map(place).join('L');
  const x = (point) => Math.max(0, width - point[0]).toFixed(1);
  const area = points.length > 1 ? `M${x(points[0])} ${height}L${line}L${x(points.at(-1))} ${height}Z` : '';
  return h('svg.spark', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    h('path.area', { d: area }), h('path.line', { d: points.length > 1 ? `M${line}` : '' }));
}

function tile(name, value, of, tone = '') {
  const points = series(of);
  const most = Math.max(0, ...points.map((point) => point[1]));
  return h('section.tile', { key: name, class: tone, 'aria-label': name },
    h('h3', name), h('p.figure', value), spark(points),
    small(`5 min, peak ${rate(most)}`));
}

function overview() {
  const { status, history } = known;
  if (!status) return [heading('Overview'), note(waiting)];
  const { rates, today, totals, process } = status;
  const sum = today ?? totals;
  const first = status.first_byte;
  const whole = status.total;
  const read = tokensIn(sum.usage);
  const latency = (one) => (one?.count ? [took(one.p50_us), small(` p90 ${took(one.p90_us)} · p99 ${took(one.p99_us)}`)] : [nothing]);
  return [
    h('h2.unseen', { key: 'heading' }, 'Overview'),
    h('div.tiles', { key: 'tiles' },
      tile('Requests/s', rate(rates.requests_per_second), (s) => s.requests),
      tile('Failed/s', rate(rates.failures_per_second), (s) => s.failed, history.some((s) => s.failed > 0) ? 'bad' : 'calm'),
      tile('Tokens out/s', rate(rates.output_tokens_per_second), (s) => s.output_tokens),
      tile('In flight', count(status.in_flight), (s) => s.in_flight_max)),
    h('div.panels', { key: 'panels' },
      facts('Now', [
        ['In flight', count(status.in_flight), small(` ${plural(status.streaming, 'stream')}`)],
        ['First byte', ...latency(first)],
        ['Whole request', ...latency(whole)],
        ['Tokens in/s', rate(rates.input_tokens_per_second)],
      ]),
      facts(today ? 'Today' : 'Since the start', [
        ['Requests', count(sum.requests), small(` ${count(sum.failed)} failed · ${count(sum.retried)} retried`)],
        ['Tokens', `${count(read)} in`, small(` ${count(sum.usage.output_tokens)} out`)],
        ['From the cache', read ? percent(sum.usage.cache_read_tokens / read) : nothing],
        ['Cost', dollars(sum.cost.nano_usd), sum.cost.unpriced_requests > 0 && small(` ${count(sum.cost.unpriced_requests)} unpriced`)],
      ]),
      process && facts('Process', [
        ['Memory', bytes(process.rss_bytes), small(` bodies ${bytes(process.buffered_body_bytes)}`)],
        ['CPU', known.cpu === null ? nothing : percent(known.cpu), small(` longest turn ${took(process.loop_lag_max_us)}`)],
        ['Connections', count(process.client_connections), small(` ${count(process.upstream_idle_connections)} idle to providers`)],
        ['Up', long(status.uptime_ms), small(` ${plural(process.subscribers, 'reader')} · ${count(process.events_dropped)} lost`)],
      ])),
    note(loads.providers.error, 'bad'),
    table('Overview', providerColumns(true), shownProviders(), (p) => p.name, known.providers ? noneFits : waiting),
    lastTrouble(),
  ];
}

function lastTrouble() {
  const errors = (known.providers ?? []).filter((p) => p.last_error?.time);
  errors.sort((a, b) => Date.parse(b.last_error.time) - Date.parse(a.last_error.time));
  if (errors.length === 0) return null;
  return h('section.panel', { key: 'trouble', 'aria-label': 'Last trouble' }, h('h3', 'Last trouble'),
    h('ul.trouble', errors.slice(0, 5).map((p) => h('li', { key: p.name },
      h('b', p.name), ' ', errorText(p.last_error)))));
}

// ---- Providers

function providerState(p) {
  if (p.admin_state === 'ADMIN_STATE_DISABLED') return ['DISABLED', 'off'];
  if (p.admin_state === 'ADMIN_STATE_DRAINING') return ['DRAINING', 'warn'];
  const text = word(p.health, 'PROVIDER_HEALTH_');
  const until = p.breaker?.half_open_in_ms;
  if (text === 'OPEN') return [until > 0 ? `OPEN ${long(until)}` : 'OPEN', 'bad'];
  return [text, { OK: 'good', 'HALF OPEN': 'warn', LIMITED: 'warn' }[text] ?? 'bad'];
}
const shownProviders = () =>
  (known.providers ?? []).filter((p) => matches(p.name, p.type, p.base_url, providerState(p)[0], p.models));

function providerActions(p) {
  const on = p.admin_state === 'ADMIN_STATE_ENABLED';
  const off = p.admin_state === 'ADMIN_STATE_DISABLED';
  return [
    !on && act('Enable', `Enable ${p.name}`, () => enableProvider(p)),
    on && act('Drain', `Drain ${p.name}`, () => drainProvider(p)),
    !off && act('Disable', `Disable ${p.name}`, () => disableProvider(p)),
    act('Reset breaker', `Reset breaker of ${p.name}`, () => resetBreaker(p)),
  ];
}

function providerColumns(short) {
  const limited = (p) => (p.in_flight_limit ? [count(p.in_flight), small(` / ${count(p.in_flight_limit)}`)] : count(p.in_flight));
  const actions = {
    name: 'Actions', quiet: true,
    cell: (p) => (short
      ? h('details.menu', h('summary', { 'aria-label': `Actions of ${p.name}` }, '⋮'), h('div', providerActions(p)))
      : providerActions(p)),
  };
  return [
    { name: 'Provider', by: (p) => p.name, cell: (p) => [detailsOf('provider', p.name), !short && small(p.type)] },
    { name: 'State', by: (p) => providerState(p)[0], cell: (p) => [badge(providerState(p)), !short && p.admin_override && small(overrideText(p.admin_override))] },
    { name: 'In flight', num: true, by: (p) => p.in_flight, cell: limited },
    figure('First byte', (p) => p.first_byte_us, took),
    figure('Failed, 5 min', (p) => p.failure_ratio, percent),
    !short && figure('Conversations', (p) => p.conversations),
    !short && { name: 'Priority', num: true, by: (p) => p.priority, cell: (p) => p.priority },
    requestsOf,
    short && { name: 'Tokens in / out', num: true, by: (p) => tokensIn(p.totals.usage), cell: (p) => `${count(tokensIn(p.totals.usage))} / ${count(p.totals.usage.output_tokens)}` },
    costOf,
    operator() && actions,
  ].filter(Boolean);
}

function providersView() {
  return [
    heading('Providers', h('p', 'Figures since the start')),
    note(loads.providers.error, 'bad'),
    table('Providers', providerColumns(false), shownProviders(), (p) => p.name, known.providers ? noneFits : waiting),
  ];
}

function providerDetails(p) {
  const { breaker, identity } = p;
  return [
    facts('How it is', [
      ['State', badge(providerState(p)), p.admin_override && small(' ', overrideText(p.admin_override))],
      ['Breaker', lower(breaker?.state, 'BREAKER_STATE_'), small(` ${breaker?.failures ?? 0} of ${breaker?.failure_threshold ?? 0} failures in a row · opened ${plural(breaker?.opened ?? 0, 'time')}`)],
      ['Conversations', count(p.conversations)],
      ['Last error', errorText(p.last_error) ?? nothing],
      identity && ['Identity', identity.state, small(` ${identity.source} ${identity.error}`)],
    ]),
    facts('What it is', [
      ['Type', p.type, p.dialects?.length > 0 && small(` speaks ${p.dialects.join(', ')}`)], ['Address', mono(p.base_url)], ['Priority', p.priority], ['Weight', p.weight],
      ['Models', p.models?.length ? p.models.join(', ') : 'whatever is asked for'],
      ['Keys', p.keys?.length ? mono(p.keys.join(' ')) : nothing],
    ]),
    facts('Attempts since the start', (p.outcomes ?? []).filter((each) => each.count > 0)
      .map((each) => [lower(each.outcome, 'OUTCOME_'), count(each.count)])),
  ];
}

// ---- Keys

function keyState(k) {
  if (k.admin_state === 'ADMIN_STATE_DISABLED') return ['DISABLED', 'off'];
  const text = word(k.state, 'KEY_STATE_');
  const ends = (k.cool_downs ?? []).map((each) => each.expire_time).sort();
  if (text === 'COOLING' && ends.length) return [`COOLING ${left(ends.at(-1))}`, 'warn'];
  if (text === 'REFUSED' && k.refused_until) return [`REFUSED ${left(k.refused_until)}`, 'bad'];
  return [text, { OK: 'good', COOLING: 'warn', LIMITED: 'warn' }[text] ?? 'bad'];
}

function keysView() {
  const keys = (known.keys ?? []).filter((k) => matches(k.fingerprint, k.name, k.providers, keyState(k)[0]));
  const on = (k) => k.admin_state !== 'ADMIN_STATE_DISABLED';
  const cooling = (k) => (k.cool_downs ?? []).map((each) => each.model).filter(Boolean).join(', ');
  return [
    heading('Keys', h('p', 'By fingerprint; the keys themselves never leave the relay')),
    note(loads.keys.error, 'bad'),
    table('Keys', [
      { name: 'Key', by: (k) => k.fingerprint, cell: (k) => [mono(k.fingerprint), k.name && small(k.name)] },
      { name: 'Provider', by: (k) => k.providers.join(), cell: (k) => k.providers.join(', ') },
      { name: 'State', by: (k) => keyState(k)[0], cell: (k) => [badge(keyState(k)), on(k) ? cooling(k) && small(cooling(k)) : small(overrideText(k.admin_override))] },
      figure('In flight', (k) => k.in_flight),
      { name: 'Budgets', cell: (k) => [k.budgets?.map(budget), k.plan_windows?.map(planWindow)].flat().filter(Boolean).concat(k.budgets?.length || k.plan_windows?.length ? [] : [nothing]) },
      requestsOf,
      costOf,
      { name: 'Last used', num: true, by: (k) => Date.parse(k.last_used_time ?? 0), cell: (k) => ago(k.last_used_time) },
      operator() && {
        name: 'Actions', quiet: true,
        cell: (k) => [
          on(k) ? act('Disable', `Disable key ${k.fingerprint}`, () => disableKey(k)) : act('Enable', `Enable key ${k.fingerprint}`, () => enableKey(k)),
          act('Reset', `Reset key ${k.fingerprint}`, () => resetKey(k)),
        ],
      },
    ].filter(Boolean), keys, (k) => k.fingerprint, known.keys ? noneFits : waiting),
  ];
}

// ---- Clients

function clientsView() {
  const clients = (known.clients ?? []).filter((c) => matches(c.name, lower(c.kind, 'CLIENT_KIND_'), c.allowed_models, c.allowed_providers));
  const money = (totals) => (totals ? dollars(totals.cost.nano_usd) : nothing);
  const may = (c) => [c.allowed_models, c.allowed_providers].filter((each) => each?.length).map((each) => each.join(', ')).join(' · ');
  return [
    heading('Clients'),
    note(loads.clients.error, 'bad'),
    table('Clients', [
      { name: 'Client', by: (c) => c.name, cell: (c) => [h('span.strong', c.name), small(lower(c.kind, 'CLIENT_KIND_'))] },
      figure('In flight', (c) => c.in_flight),
      { name: 'Budgets', cell: (c) => (c.budgets?.map(budget).filter(Boolean) ?? []).concat(c.budgets?.length ? [] : [nothing]) },
      { name: 'Requests', num: true, by: (c) => c.totals.requests, cell: (c) => [count(c.totals.requests), c.today && small(`${count(c.today.requests)} today`)] },
      { name: 'Today', num: true, by: (c) => c.today?.cost.nano_usd, cell: (c) => money(c.today) },
      { name: 'Month', num: true, by: (c) => c.month?.cost.nano_usd, cell: (c) => money(c.month) },
      figure('Turned away', (c) => c.limited),
      { name: 'May use', cell: (c) => may(c) || 'all' },
      { name: 'Last seen', num: true, by: (c) => Date.parse(c.last_seen_time ?? 0), cell: (c) => ago(c.last_seen_time) },
    ], clients, (c) => c.name, known.clients ? noneFits : waiting),
  ];
}

// ---- Requests

const ended = (r) => r.state === 'REQUEST_STATE_ENDED';

function requestState(r) {
  if (!ended(r)) return [word(r.state, 'REQUEST_STATE_'), r.state === 'REQUEST_STATE_STREAMING' ? 'live' : 'off'];
  const ending = word(r.ending, 'ENDING_');
  if (ending === 'OPERATOR') return ['CANCELLED', 'warn'];
  if (ending && ending !== 'COMPLETE' && ending !== 'UNSPECIFIED') return [ending, ending === 'CLIENT GONE' ? 'off' : 'bad'];
  if (r.status >= 500 || r.status === 429) return [`FAILED ${r.status}`, 'bad'];
  return r.status >= 400 ? [`REFUSED ${r.status}`, 'warn'] : [`DONE ${r.status}`, 'good'];
}
const isTroubled = (r) =>
  r.troubled || r.attempt_count > 1 || Boolean(r.error) || (ended(r) && !['good', 'off'].includes(requestState(r)[1]));
const lasted = (r) => (ended(r) ? r.duration_us : Math.max(0, (now() - r.at) * 1000));

function requestsView() {
  const every = [...known.requests.values()];
  const requests = every.filter((r) =>
    !(known.troubleOnly && !isTroubled(r)) && !(known.runningOnly && ended(r)) &&
    matches(r.id, r.request_id, r.session, r.client, r.model, r.model_sent, r.provider, r.key, r.path, requestState(r)[0]));
  requests.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  const box = (name, what) => h('label.check', h('input', {
    type: 'checkbox', checked: known[what], onchange: (event) => ((known[what] = event.target.checked), paint()),
  }), name);
  return [
    heading('Requests', h('p', `${count(every.filter((r) => !ended(r)).length)} running`),
      box('Running only', 'runningOnly'), box('Trouble only', 'troubleOnly')),
    note(known.lost > 0 ? `The relay was faster than this page: ${plural(known.lost, 'event')} lost.` : '', 'warn'),
    table('Requests', [
      { name: 'Request', cell: (r) => [detailsOf('request', r.id), small(clock(r.start_time))] },
      { name: 'State', cell: (r) => badge(requestState(r)) },
      { name: 'Client', cell: (r) => r.client || nothing },
      { name: 'Model', cell: (r) => [r.model || nothing, r.model_sent && r.model_sent !== r.model && small(`→ ${r.model_sent}`)] },
      { name: 'Provider', cell: (r) => [r.provider || nothing, r.attempt_count > 1 && small(`attempt ${r.attempt_count}`)] },
      figure('Time', lasted, took),
      figure('First byte', (r) => r.first_byte_us, took),
      { name: 'Tokens in / out', num: true, by: (r) => tokensIn(r.usage), cell: (r) => `${count(tokensIn(r.usage))} / ${count(r.usage?.output_tokens ?? 0)}` },
      figure('Cost', (r) => r.cost?.nano_usd, dollars),
      operator() && {
        name: 'Actions', quiet: true,
        cell: (r) => (ended(r) ? null : act('Cancel', `Cancel request ${r.id}`, () => cancelRequest(r), 'bad')),
      },
    ].filter(Boolean), requests, (r) => r.id, known.synced ? noneFits : waiting),
  ];
}

function requestDetails(r) {
  const usage = r.usage ?? {};
  const outcome = (a) => (a.outcome && a.outcome !== 'OUTCOME_UNSPECIFIED' ? lower(a.outcome, 'OUTCOME_') : 'runs');
  return [
    facts('Request', [
      ['State', badge(requestState(r)), r.error && small(' ', r.error)],
      ['Name', mono(r.request_id || nothing)],
      ['Client', r.client || nothing, small(` ${r.client_address ?? ''}`)],
      ['Asked', mono(`${r.method} ${r.path}`), r.dialect && small(` ${r.dialect}`)],
      ['Model', r.model || nothing, r.model_sent && r.model_sent !== r.model && small(` → ${r.model_sent}`)],
      r.session && ['Session', mono(r.session)],
      ['Begun', clock(r.start_time)],
      ['Time', took(lasted(r)), small(` first byte ${took(r.first_byte_us)}`)],
    ]),
    facts('Answer', [
      ['Provider', r.provider || nothing, r.key && small(` ${r.key}`)],
      ['Bytes', `${bytes(r.request_bytes ?? 0)} in`, small(` ${bytes(r.response_bytes ?? 0)} out`)],
      ['Tokens', `${count(usage.input_tokens ?? 0)} in`, small(` ${count(usage.output_tokens ?? 0)} out`)],
      ['Cache', `${count(usage.cache_read_tokens ?? 0)} read`, small(` ${count(usage.cache_write_tokens ?? 0)} written`)],
      ['Cost', dollars(r.cost?.nano_usd), r.cost?.unpriced_requests > 0 && small(' no price is known')],
    ]),
    r.attempts && h('h3', { key: 'attempts' }, 'Attempts'),
    r.attempts && table('Attempts', [
      { name: '#', cell: (a) => a.number },
      { name: 'Provider', cell: (a) => [a.provider, a.key && small(a.key), a.translated && small(a.translated)] },
      { name: 'Outcome', cell: (a) => [outcome(a), a.status > 0 && ` ${a.status}`, a.detail && small(a.detail)] },
      { name: 'Began', num: true, cell: (a) => took(a.start_us) },
      { name: 'First byte', num: true, cell: (a) => took(a.first_byte_us) },
      { name: 'Took', num: true, cell: (a) => took(a.duration_us) },
    ], r.attempts, (a) => a.number, 'No provider was asked.'),
    r.attempts && h('h3', { key: 'trace' }, 'Trace'),
    r.attempts && table('Trace', [
      { name: 'After', num: true, cell: (step) => took(step.at_us) },
      { name: 'Step', cell: (step) => lower(step.event) },
      { name: 'What', cell: (step) => step.message },
    ], r.trace ?? [], (step) => `${step.at_us} ${step.event} ${step.message}`, r.traced ? 'Nothing was decided.' : 'Decisions are recorded while somebody watches requests.'),
  ];
}

// ---- Usage

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const usageBy = { day: 'Day', model: 'Model', provider: 'Provider', client: 'Client', key: 'Key' };
const usageDays = { 1: 'Today', 7: '7 days', 30: '30 days', 90: '90 days', all: 'All there is' };

function usageQuery() {
  const query = { page_size: 1000, time_zone: zone };
  if (known.usageDays !== 'all') {
    const start = new Date(now());
    start.setHours(0, 0, 0, 0);
    start.setDate(start.getDate() + 1 - known.usageDays);
    query.start_time = start.toISOString();
  }
  if (known.usageBy === 'day') query.interval = 'USAGE_INTERVAL_DAY';
  else query.group_by = `USAGE_DIMENSION_${known.usageBy.toUpperCase()}`;
  if (known.usageBy !== 'day') query.order_by = 'USAGE_ORDER_COST';
  return query;
}

const usageAsked = () => `${known.usageBy} ${known.usageDays}`;

// Kept by its question: another one may have been asked meanwhile, and this one is again.
async function loadUsage() {
  const asked = usageAsked();
  const query = usageQuery();
  const answer = await get('/usage:query', query);
  if (query.interval) answer.rows.reverse();
  known.usage[asked] = answer;
}

async function saveCsv() {
  try {
    const answer = await ask('/usage:query', { query: usageQuery(), accept: 'text/csv' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `cc-relay-usage-by-${known.usageBy}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(`Saved ${link.download}.`);
  } catch (problem) {
    say(reasonOf(problem), 'bad');
  }
}

const optionsOf = (words) => Object.entries(words).map(([value, text]) => h('option', { value }, text));

function choice(name, options, what, changed) {
  return h('label.check', name, ' ', h('select', {
    value: String(known[what]),
    onchange: (event) => {
      known[what] = event.target.value;
      changed();
      paint();
    },
  }, optionsOf(options)));
}

function usageView() {
  const again = () => refreshNow('usage');
  const usage = known.usage[usageAsked()];
  const name = (row) =>
    (known.usageBy === 'day' ? dayOf(new Date(row.start_time)) : row.group?.[0]) || '(none)';
  const rows = (usage?.rows ?? []).filter((row) => matches(name(row)));
  const weight = (row) => row.totals.cost.nano_usd || 0;
  const heaviest = Math.max(...rows.map(weight), 0);
  const total = usage?.total;
  return [
    heading('Usage',
      choice('By', usageBy, 'usageBy', again), choice('Since', usageDays, 'usageDays', again),
      h('button.tool', { onclick: saveCsv }, 'CSV')),
    note(loads.usage.error, 'bad'),
    total && h('p.summary', { key: 'summary' }, h('b', dollars(total.cost.nano_usd)), ` for ${plural(total.requests, 'request')}, `,
      `${count(tokensIn(total.usage))} tokens in, ${count(total.usage.output_tokens)} out`,
      total.cost.unpriced_requests > 0 && small(` · ${plural(total.cost.unpriced_requests, 'request')} without a price`),
      usage.next_page_token && small(' · only the first thousand rows are shown')),
    table('Usage', [
      { name: usageBy[known.usageBy], by: name, cell: (row) => h('span', { class: known.usageBy === 'key' ? 'mono' : 'strong' }, name(row)) },
      costOf,
      { name: 'Share', cell: (row) => h('div.share', bar(heaviest ? weight(row) / heaviest : 0)) },
      requestsOf,
      figure('Failed', (row) => row.totals.failed),
      figure('Tokens in', (row) => row.totals.usage.input_tokens),
      figure('Tokens out', (row) => row.totals.usage.output_tokens),
      figure('Cache written', (row) => row.totals.usage.cache_write_tokens),
      figure('Cache read', (row) => row.totals.usage.cache_read_tokens),
    ], rows, name, usage ? 'Nothing was used in this time.' : loads.usage.error ? 'No figures.' : 'Adding up.'),
  ];
}

// ---- Config

const diagnosticText = (d) =>
  `${lower(d.severity, 'SEVERITY_')}${d.line ? `, line ${d.line}${d.column ? `:${d.column}` : ''}` : ''}${d.path ? `, ${d.path}` : ''}: ${d.message}`;

function checkedView({ title, good, diagnostics = [], changes = [] }) {
  return h('section.panel', { key: 'checked', 'aria-label': title, tabindex: '-1' }, h('h3', title),
    h('p', badge(good ? ['OK', 'good'] : ['NOT VALID', 'bad'])),
    diagnostics.length > 0 && h('ul', diagnostics.map((d) => h('li', diagnosticText(d)))),
    changes.length > 0 ? h('ul', changes.map((c) => h('li', mono(c.path), `: ${c.old_value || nothing} → ${c.new_value || nothing}`, c.needs_restart && small(' after a restart'))))
      : good && h('p', 'Nothing would change.'));
}

async function checkConfig() {
  try {
    const toml = document.getElementById('toml').value;
    const { valid, diagnostics, changes } = await post('/config:validate', { toml });
    known.checked = { title: toml ? 'The text above' : 'The file as it is now', good: valid, diagnostics, changes };
    say(valid ? `Valid: ${plural(changes.length, 'change')}.` : `Not valid: ${plural(diagnostics.length, 'remark')}.`, valid ? 'good' : 'bad');
  } catch (problem) {
    say(reasonOf(problem), 'bad');
  }
  paint();
}

function configView() {
  const { config } = known;
  const settings = (config?.settings ?? []).filter((s) => matches(s.path, s.value, lower(s.origin, 'SETTING_ORIGIN_')));
  const origin = (s) => lower(s.origin, 'SETTING_ORIGIN_');
  return [
    heading('Config',
      config && h('p', config.source || 'no file', small(` generation ${config.generation}, taken ${clock(config.load_time)}`)),
      operator() && h('button.tool', { onclick: reloadConfig }, 'Reload configuration')),
    note(loads.config.error, 'bad'),
    h('section.panel', { key: 'check', 'aria-label': 'Check' }, h('h3', 'Check'),
      h('label', { for: 'toml' }, 'A configuration as TOML; left empty, the file as it is now'),
      h('textarea', { id: 'toml', rows: '4', spellcheck: 'false', autocomplete: 'off' }),
      h('div', h('button.tool', { onclick: checkConfig }, 'Check configuration'))),
    known.checked && checkedView(known.checked),
    table('Config', [
      { name: 'Setting', by: (s) => s.path, cell: (s) => mono(s.path) },
      { name: 'Value', cell: (s) => mono(s.value) },
      { name: 'From', by: origin, cell: (s) => [origin(s) === 'default' ? small('default') : origin(s), s.line > 0 && small(` line ${s.line}`)] },
      { name: 'Changes', cell: (s) => (s.needs_restart ? 'at a restart' : 'at a reload') },
    ], settings, (s) => s.path, config ? noneFits : waiting),
    config && h('details.toml', { key: 'toml' }, h('summary', 'All of it as TOML'), h('pre', { tabindex: '0', 'aria-label': 'Configuration as TOML' }, config.toml)),
  ];
}

// ---- Log

const levels = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' };
const levelTone = { DEBUG: 'off', INFO: 'plain', WARN: 'warn', ERROR: 'bad' };

function restartLog() {
  open.get('log')?.control.abort();
  open.delete('log');
  sync();
}

async function setLevel(event) {
  const [level, minutes] = event.target.value.split(' ');
  try {
    const { level: set } = await post('/log-level', { level: `LOG_LEVEL_${level}`, ttl_ms: (minutes ?? 0) * 60000 });
    say(`The log's level is ${lower(set, 'LOG_LEVEL_')}${minutes ? ` for ${minutes} minutes` : ''}.`);
  } catch (problem) {
    say(reasonOf(problem), 'bad');
  }
  event.target.value = word(known.level?.level, 'LOG_LEVEL_');
  refreshNow('level');
}

function logView() {
  const { level } = known;
  const lines = known.log.filter((line) => matches(line.event, line.message, line.request_id, line.id, Object.entries(line.fields ?? {}).flat()));
  const until = level?.expire_time ? `, ${left(level.expire_time)} left` : '';
  const name = (line) => word(line.level, 'LOG_LEVEL_');
  const current = level && word(level.level, 'LOG_LEVEL_');
  const words = {
    ...(level && { UNSPECIFIED: `as configured (${lower(level.configured_level, 'LOG_LEVEL_')})` }),
    'DEBUG 15': 'debug for 15 min', ...levels,
  };
  return [
    heading('Log', choice('Show from', levels, 'minLevel', restartLog),
      level && (operator()
        ? h('label.check', 'Relay writes from ', h('select', { key: 'level', value: current, onchange: setLevel },
          optionsOf(words)), small(until))
        : h('p', `The relay writes from ${lower(level.level, 'LOG_LEVEL_')}`, small(until)))),
    table('Log', [
      { name: 'Time', cell: (line) => h('span.mono', clock(line.time)) },
      { name: 'Level', cell: (line) => badge([name(line) || 'LOST', levelTone[name(line)] ?? 'warn']) },
      { name: 'Event', cell: (line) => line.event },
      { name: 'Message', cell: (line) => [line.message, small(Object.entries(line.fields ?? {}).map(([field, value]) => ` ${field}=${value}`).join(''))] },
      { name: 'Request', cell: (line) => (line.id ? detailsOf('request', line.id) : '') },
    ], lines, (line) => line.number, open.get('log')?.up ? noneFits : waiting),
  ];
}

const sections = {
  overview: { name: 'Overview', view: overview },
  providers: { name: 'Providers', view: providersView },
  keys: { name: 'Keys', view: keysView },
  clients: { name: 'Clients', view: clientsView },
  requests: { name: 'Requests', view: requestsView },
  usage: { name: 'Usage', view: usageView },
  config: { name: 'Config', view: configView },
  log: { name: 'Log', view: logView },
};

// ---- Dialogs

/** A dialog that is gone when it is closed, and gives the focus back. */
function dialog(props, kids, closed) {
  const opener = document.activeElement;
  const node = make(h('dialog', props, kids));
  node.addEventListener('close', () => {
    node.remove();
    closed?.();
    (opener?.isConnected && opener !== document.body ? opener : document.getElementById('main')).focus({ preventScroll: true });
  });
  // A click beside it.
  node.addEventListener('click', (event) => event.target === node && node.close());
  document.body.append(node);
  node.showModal();
  return node;
}

/** Asks before something is done: what was chosen, or null. */
function confirm(title, text, fields = []) {
  return new Promise((done) => {
    let chosen = null;
    const box = dialog({ role: 'alertdialog', class: 'ask', 'aria-labelledby': 'ask-title', 'aria-describedby': 'ask-text' }, [
      h('h2', { id: 'ask-title' }, title),
      h('p', { id: 'ask-text' }, text),
      fields.map(({ name, label, options, type = 'text', value }) => (type === 'checkbox'
        ? h('label.check', h('input', { type, name }), label)
        : h('label', label, options
          ? h('select', { name, value }, optionsOf(options))
          : h('input', { type, name, maxlength: '200', autocomplete: 'off' })))),
      h('div.buttons',
        h('button.tool', { onclick: () => box.close(), autofocus: true }, 'Back'),
        h('button.primary', {
          onclick: () => {
            chosen = {};
            for (const field of box.querySelectorAll('[name]')) {
              chosen[field.name] = field.type === 'checkbox' ? field.checked : field.tagName === 'SELECT' ? Number(field.value) : field.value;
            }
            box.close();
          },
        }, 'Confirm')),
    ], () => done(chosen));
    box.querySelector('.buttons button').focus();
  });
}

/** Asks, does it, and tells the region `status` what came of it. */
async function order(title, text, fields, path, what, into) {
  const chosen = await confirm(title, text, fields);
  if (!chosen) return;
  try {
    const answer = await post(path, chosen);
    into(answer);
    const warnings = (answer.warnings ?? []).map((each) => ` ${each}`).join('');
    say(`${answer.changed === false ? 'Was so already' : 'Done'}: ${what}.${warnings}`, warnings ? 'warn' : 'good');
  } catch (problem) {
    say(`Not done: ${reasonOf(problem)}`, 'bad');
  }
}
const reasonOf = (problem) => (problem instanceof Refusal ? problem.message : 'the relay did not answer.');

const reasonField = { name: 'reason', label: 'Reason' };
const ttlField = {
  name: 'ttl_ms', label: 'For', value: '0',
  options: { 0: 'until told', 900000: '15 min', 3600000: '1 h', 28800000: '8 h' },
};

const timeoutField = {
  name: 'timeout_ms', label: 'At most', value: '300000',
  options: { 300000: '5 min', 900000: '15 min', 3600000: '1 h', 28800000: '8 h' },
};

function putProvider({ provider }) {
  known.providers = (known.providers ?? []).map((each) => (each.name === provider.name ? provider : each));
}
function putKey({ key }) {
  known.keys = (known.keys ?? []).map((each) => (each.fingerprint === key.fingerprint ? key : each));
}

const running = (n, where) => (n === 0 ? `Nothing runs ${where}.` : `${plural(n, 'request')} ${n === 1 ? 'runs' : 'run'} ${where} and ${n === 1 ? 'goes' : 'go'} on.`);
function goElsewhere(p) {
  const others = (known.providers ?? []).filter((each) => each.name !== p.name && providerState(each)[1] === 'good');
  return others.length ? `New ones go to ${others.map((each) => each.name).join(', ')}.` : 'No other is ready: clients may get errors.';
}

const orderProvider = (p, verb, text, fields, what, title = `${verb[0].toUpperCase()}${verb.slice(1)} provider ${p.name}?`) =>
  order(title, text, fields, `/providers/${encodeURIComponent(p.name)}:${verb}`, what, putProvider);
const disableProvider = (p) =>
  orderProvider(p, 'disable', `${running(p.in_flight, 'there')} ${goElsewhere(p)}`,
    [ttlField, reasonField, { name: 'cancel_running', label: 'Also cancel what runs there', type: 'checkbox' }], `${p.name} disabled`);
const drainProvider = (p) =>
  orderProvider(p, 'drain', `${plural(p.conversations, 'conversation')} at home there may stay until silent; then it is disabled. ${goElsewhere(p)}`,
    [timeoutField, reasonField], `${p.name} drains`);
const enableProvider = (p) =>
  orderProvider(p, 'enable', 'It takes requests again, as far as its health allows.', [reasonField], `${p.name} enabled`);
const resetBreaker = (p) =>
  orderProvider(p, 'reset-breaker', `It is ${lower(p.breaker?.state, 'BREAKER_STATE_')}, with ${plural(p.breaker?.failures ?? 0, 'failure')} in a row.`,
    [], `breaker of ${p.name} reset`, `Reset breaker of ${p.name}?`);

const orderKey = (k, verb, text, fields, what) =>
  order(`${verb} key ${k.fingerprint}?`, text, fields, `/keys/${k.fingerprint}:${verb.toLowerCase()}`, `key ${k.fingerprint} ${what}`, putKey);
const disableKey = (k) =>
  orderKey(k, 'Disable', `${running(k.in_flight, 'with it')} No new one gets it, at ${k.providers.join(', ')}.`, [ttlField, reasonField], 'disabled');
const enableKey = (k) => orderKey(k, 'Enable', `It is used again, at ${k.providers.join(', ')}.`, [reasonField], 'enabled');
const resetKey = (k) =>
  orderKey(k, 'Reset', 'Its cool-downs are forgotten, and that it was refused.',
    [{ name: 'reset_budgets', label: 'Also what was spent of its budgets', type: 'checkbox' }], 'reset');

function cancelRequest(r) {
  closeDetails();
  return order(`Cancel request ${r.id}?`, `${r.client || 'Its client'} gets an error. It has run for ${took(lasted(r))}.`, [reasonField],
    `/requests/${encodeURIComponent(r.id)}:cancel`, `request ${r.id} cancelled`, ({ request }) => putRequest(request));
}
async function reloadConfig() {
  const chosen = await confirm('Reload configuration?', `The relay reads ${known.config?.source || 'its file'} again. One with a mistake changes nothing.`);
  if (!chosen) return;
  try {
    const { generation, changes, diagnostics } = await post('/config:reload', {});
    known.checked = { title: 'The reload', good: true, diagnostics, changes };
    say(changes.length ? `Configuration reloaded: generation ${generation}, ${plural(changes.length, 'change')}.` : 'Configuration reloaded: nothing changed.');
  } catch (problem) {
    if (problem.diagnostics?.length) known.checked = { title: 'The reload', good: false, diagnostics: problem.diagnostics };
    say(`Not reloaded: ${reasonOf(problem)}`, 'bad');
  }
  refreshNow('config');
}

// ---- Details, beside the list

async function loadDetails() {
  const { details } = known;
  if (details?.kind !== 'request') return;
  // What has ended is told once and for all.
  if (details.request && ended(details.request)) return;
  try {
    const { request } = await get(`/requests/${encodeURIComponent(details.id)}`);
    request.at = Date.parse(request.start_time);
    details.request = request;
    details.error = '';
  } catch (problem) {
    if (problem.status !== 404) throw problem;
    details.error = 'The relay does not remember this request any more.';
  }
}

function showDetails(kind, id) {
  const title = `${kind === 'request' ? 'Request' : 'Provider'} ${id}`;
  known.details = { kind, id, title, error: '', request: null };
  known.details.node = dialog({ class: 'side', 'aria-label': title }, [], () => (known.details = null));
  refreshNow('details');
  paint();
}
function closeDetails() {
  known.details?.node.close();
}

function paintDetails() {
  const { kind, id, title, node, error } = known.details;
  const one = kind === 'request' ? known.details.request ?? known.requests.get(id) : known.providers?.find((p) => p.name === id);
  fill(node, [
    h('div.heading', { key: 'heading' }, h('h2', title),
      kind === 'request' && one && operator() && !ended(one) && act('Cancel', `Cancel request ${id}`, () => cancelRequest(one), 'bad'),
      h('button.tool', { key: 'close', onclick: closeDetails, autofocus: true }, 'Close')),
    note(error, 'warn'),
    one && (kind === 'request' ? requestDetails(one) : providerDetails(one)),
  ]);
}

// ---- Keys

const helpKeys = [['1 – 8', 'sections'], ['/', 'filter'], ['p', 'pause, go on'], ['?', 'this'], ['Esc', 'close, clear the filter']];

function showHelp() {
  if (document.querySelector('dialog[open]')) return;
  const node = dialog({ class: 'ask', 'aria-labelledby': 'help-title' }, [
    h('h2', { id: 'help-title' }, 'Keys'),
    h('dl.keys', helpKeys.map(([key, what]) => h('div', h('dt', h('kbd', key)), h('dd', what)))),
    h('label.check', h('input', {
      type: 'checkbox', checked: kept('localStorage', 'cc-relay-keys') !== 'off',
      onchange: (event) => kept('localStorage', 'cc-relay-keys', event.target.checked ? 'on' : 'off'),
    }), 'Single keys do something'),
    h('div.buttons', h('button.tool', { onclick: () => node.close() }, 'Close')),
  ]);
}

function onKey(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const menu = document.querySelector('details.menu[open]');
  if (key === 'Escape' && menu) {
    menu.open = false;
    menu.querySelector('summary').focus();
  } else if (key === 'Escape' && target.id === 'filter') {
    known.filter = '';
    target.blur();
    paint();
  }
  const typing = target.closest?.('input:not([type=checkbox]), textarea, select');
  if (typing || document.querySelector('dialog[open]') || kept('localStorage', 'cc-relay-keys') === 'off') return;
  if (key === '?') showHelp();
  else if (!known.signedIn) return;
  else if (key === '/') document.getElementById('filter').focus();
  else if (key === 'p') pause();
  else if (key >= '1' && key <= '8' && key.length === 1) location.hash = Object.keys(sections)[key - 1];
  else return;
  event.preventDefault();
}

// ---- The beginning

/** `#token=…` is taken and gone from the address bar; another fragment is a section. */
function readAddress() {
  const fragment = location.hash.slice(1);
  if (fragment.startsWith('token=')) {
    history.replaceState(null, '', `${location.pathname}${location.search}#${known.section}`);
    let token = fragment.slice(6);
    try {
      token = decodeURIComponent(token);
    } catch {
      // As it is, then.
    }
    return token;
  }
  if (Object.hasOwn(sections, fragment) && fragment !== known.section) {
    known.section = fragment;
    known.filter = '';
  }
  return null;
}

function start() {
  const token = readAddress() ?? kept('sessionStorage', 'cc-relay-token');
  fill(document.getElementById('main'), []);
  paint();
  if (token !== null) signIn(token);
  else document.getElementById('token').focus();
  addEventListener('hashchange', () => {
    const given = readAddress();
    if (given !== null) {
      signOut('');
      return signIn(given);
    }
    closeDetails();
    for (const load of Object.values(loads)) load.at = 0;
    sync();
    paint();
    scrollTo(0, 0);
  });
  document.addEventListener('visibilitychange', () => {
    sync();
    if (isSeen()) paint();
  });
  document.addEventListener('keydown', onKey);
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      if (!menu.contains(event.target) || event.target.closest('button')) menu.open = false;
    }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
