import RFB from '@novnc/novnc';
import { clipboardBridge } from './clipboard.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;

const element = (id) => document.getElementById(id);
const screen = element('screen');
const status = element('status');
const toggle = element('toggle');
const panel = element('panel');

let rfb;
let retryMs = FIRST_RETRY_MS;
let retryTimer;

/** Relative to this page, so that it holds under any prefix. */
function address() {
  const url = new URL('websockify', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  return url.href;
}

function say(text) {
  status.textContent = text;
  status.hidden = text === '';
}

const clipboard = clipboardBridge({
  field: element('clipboard'),
  system: navigator.clipboard,
  permissions: navigator.permissions,
  isFocused: () => document.hasFocus(),
  send: (text) => rfb?.clipboardPasteFrom(text),
});

function connect() {
  clearTimeout(retryTimer);
  rfb = new RFB(screen, address(), { shared: true });
  rfb.resizeSession = true;
  rfb.scaleViewport = true;
  rfb.showDotCursor = true;
  rfb.background = 'transparent';
  rfb.addEventListener('connect', () => {
    retryMs = FIRST_RETRY_MS;
    say('');
    rfb.focus();
    clipboard.connected();
  });
  rfb.addEventListener('clipboard', (event) => clipboard.received(event.detail.text));
  rfb.addEventListener('disconnect', () => {
    rfb = undefined;
    say('The connection to the desktop was lost. Connecting again…');
    retryTimer = setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  });
}

/** A page that comes back to the front, or a network that does, need not wait for the timer. */
function connectNow() {
  if (rfb === undefined) {
    retryMs = FIRST_RETRY_MS;
    connect();
  }
}

function showPanel(open) {
  panel.hidden = !open;
  toggle.setAttribute('aria-expanded', String(open));
  if (open) element('clipboard').focus();
  else rfb?.focus();
}

toggle.addEventListener('click', () => showPanel(panel.hidden));
panel.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') showPanel(false);
});
element('fullscreen').addEventListener('click', () => {
  showPanel(false);
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen();
});
window.addEventListener('online', connectNow);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') connectNow();
});
window.addEventListener('focus', () => void clipboard.focused());
screen.addEventListener('pointerdown', () => void clipboard.focused(), { capture: true });

connect();
