import type { Reason } from '@davit/contract';
import { translateHubText, type TextLanguage as Language } from '@davit/contract/texts';

export type { Language };

/** What a page says. `{name}` is the server's name. */
export interface PageText {
  title: string;
  text: string;
}

/** Every page of the proxy. */
export type PageKind =
  | 'starting'
  | 'editor-starting'
  | 'queued'
  | 'stopping'
  | 'stopped'
  | 'failed'
  | 'unknown'
  | 'unreachable'
  | 'no-editor'
  | 'moved'
  | 'not-found'
  | 'forbidden'
  | 'signed-out'
  | 'link-ended'
  | 'misdirected'
  | 'bad-request'
  | 'unavailable';

const EN: Record<PageKind, PageText> = {
  starting: { title: '{name} is starting', text: 'The page opens by itself as soon as the server is ready.' },
  'editor-starting': {
    title: 'The editor is starting',
    text: 'The server runs. The page opens by itself in a moment.',
  },
  queued: {
    title: '{name} waits for its turn',
    text: 'It starts as soon as there is room, and the page opens by itself.',
  },
  stopping: {
    title: '{name} is stopping',
    text: 'Files under /data and in the work folder stay. You can start it again on the hub.',
  },
  stopped: { title: '{name} is stopped', text: 'Start it on the hub. This page then opens by itself.' },
  failed: { title: '{name} failed', text: 'Look at its log on the hub, or start it again there.' },
  unknown: {
    title: 'The state of {name} is not known',
    text: 'The container engine does not answer. Nothing was stopped; the page opens by itself when it is back.',
  },
  unreachable: {
    title: '{name} does not answer',
    text: 'It runs, but gave no answer. The page tries again by itself; if that lasts, reset the server on the hub.',
  },
  'no-editor': {
    title: '{name} has no editor',
    text: 'Its image carries none. An app that listens on a port inside is at /port/<number>/.',
  },
  moved: {
    title: '{name} has to be started again',
    text: 'It was started while the hub used other addresses. Stop it on the hub and start it again; files under /data stay.',
  },
  'not-found': { title: 'This server does not exist', text: 'It was deleted, or the address is not right.' },
  forbidden: {
    title: 'You may not open this',
    text: 'The server belongs to somebody else, or another site sent you here.',
  },
  'signed-out': { title: 'You are signed out', text: 'Open the server from the hub again.' },
  'link-ended': {
    title: 'This link does not work any more',
    text: 'A link into a server works once and for 30 seconds. Open the server from the hub again.',
  },
  misdirected: { title: 'Nobody has this address', text: 'Open the hub by its own address.' },
  'bad-request': { title: 'This address is not valid', text: 'Check the address, or open the server from the hub.' },
  unavailable: { title: 'The hub cannot answer right now', text: 'Wait a moment; the page tries again by itself.' },
};

const ZH: Record<PageKind, PageText> = {
  starting: { title: '{name} 正在启动', text: '服务器就绪后，本页会自动打开。' },
  'editor-starting': { title: '编辑器正在启动', text: '服务器已在运行，本页稍后会自动打开。' },
  queued: { title: '{name} 正在排队', text: '有空闲资源后会自动启动，本页也会自动打开。' },
  stopping: { title: '{name} 正在停止', text: '/data 和工作目录中的文件会保留。可以在主页重新启动。' },
  stopped: { title: '{name} 已停止', text: '请在主页启动它，本页随后会自动打开。' },
  failed: { title: '{name} 出错', text: '请在主页查看日志，或重新启动。' },
  unknown: { title: '{name} 的状态未知', text: '容器引擎没有响应。没有停止任何服务器，恢复后本页会自动打开。' },
  unreachable: {
    title: '{name} 没有响应',
    text: '它在运行，但没有应答。本页会自动重试；若一直如此，请在主页重置服务器。',
  },
  'no-editor': { title: '{name} 没有编辑器', text: '该镜像不含编辑器。容器内监听端口的应用位于 /port/<端口号>/。' },
  moved: {
    title: '{name} 需要重新启动',
    text: '它启动时主页使用的是其他地址。请在主页停止并重新启动它；/data 中的文件会保留。',
  },
  'not-found': { title: '该服务器不存在', text: '它已被删除，或地址有误。' },
  forbidden: { title: '您不能打开此页面', text: '该服务器属于其他用户，或者是其他网站把您带到这里。' },
  'signed-out': { title: '您已退出登录', text: '请从主页重新打开该服务器。' },
  'link-ended': { title: '该链接已失效', text: '进入服务器的链接只能使用一次，有效期 30 秒。请从主页重新打开。' },
  misdirected: { title: '没有这个地址', text: '请使用主页的地址。' },
  'bad-request': { title: '地址无效', text: '请检查地址，或从主页打开服务器。' },
  unavailable: { title: '暂时无法响应', text: '请稍候，本页会自动重试。' },
};

const PAGES: Record<Language, Record<PageKind, PageText>> = { en: EN, zh: ZH };
const TO_HUB: Record<Language, string> = { en: 'Go to the hub', zh: '前往主页' };

/** The text of a page with the server's name filled in. */
export function pageText(kind: PageKind, language: Language, name: string): PageText {
  const { title, text } = PAGES[language][kind];
  return { title: title.replace('{name}', () => name), text };
}

/** The label of the link to the hub. */
export function toHubText(language: Language): string {
  return TO_HUB[language];
}

/** A server's reason in the reader's language. */
export function reasonText(reason: Reason | undefined, language: Language): string | undefined {
  return reason === undefined ? undefined : translateHubText(reason.message, language);
}

/** The first language of Accept-Language that there is; English otherwise. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '').split(',').map((entry) => {
    const [tag = '', ...parameters] = entry.trim().toLowerCase().split(';');
    const weight = parameters.map((text) => /^\s*q=([\d.]+)$/.exec(text)?.[1]).find((value) => value !== undefined);
    return { tag: tag.trim(), weight: weight === undefined ? 1 : Number(weight) };
  });
  const best = wanted
    .filter(({ tag, weight }) => weight > 0 && /^(?:zh|en)(?:-|$)/.test(tag))
    .sort((a, b) => b.weight - a.weight)[0];
  return best?.tag.startsWith('zh') ? 'zh' : 'en';
}
