import { compile, fill, hasHoles, mayHoldWords, type Template } from './template.ts';
import { zhEngine } from './zhEngine.ts';
import { zhImages } from './zhImages.ts';
import { zhNames } from './zhNames.ts';
import { zhPeople } from './zhPeople.ts';
import { zhRequests, zhSchemas } from './zhRequests.ts';
import { zhServers } from './zhServers.ts';

/** The languages that the pages and the editors speak. */
export type TextLanguage = 'en' | 'zh';

/** What the hub says, in English with holes, and in Chinese. A test of the hub names each sentence that is missing. */
export const HUB_TEXTS: Readonly<Record<string, string>> = {
  ...zhServers,
  ...zhEngine,
  ...zhImages,
  ...zhPeople,
  ...zhRequests,
};

/** Texts that other programs give, or that stand alone: what the schema library says, the names of Davit's images. */
export const OTHER_TEXTS = { schemas: zhSchemas, names: zhNames };

/**
 * A text that the hub wrote in English (the detail of a problem, a reason, a line of our own in a log, the title of an
 * image of ours) in the reader's language; as it is where it is not known, as what an engine or a person wrote.
 */
export function translateHubText(text: string, language: TextLanguage): string {
  if (language === 'en') return text;
  return NAMES.get(text) ?? known(text) ?? problems(text) ?? text;
}

/** How lists are written. All of a list has to be known, or it may be a name with a comma; of problems some. */
const LISTS = [
  { between: '; ', zh: '；', some: true },
  { between: ', ', zh: '、', some: false },
  { between: ' and ', zh: ' 和 ', some: false },
];
/** `resources.cpu: must be …`, as problems of fields are listed. */
const AT_FIELD = /^([\w.]+): (.+)$/s;

const NAMES = new Map(Object.entries(zhNames));
const SENTENCES = new Map(Object.entries({ ...HUB_TEXTS, ...zhSchemas }));
let compiled: Template[] | undefined;

function known(text: string): string | undefined {
  const whole = hasHoles(text) ? undefined : SENTENCES.get(text);
  if (whole !== undefined) return whole;
  for (const { longest, pattern, translation } of templates()) {
    if (!text.includes(longest)) continue;
    const values = pattern.exec(text)?.groups;
    if (values !== undefined) return fill(translation, filled(values));
  }
  return undefined;
}

/** What stands in a hole: a sentence of its own, a list, or what is not to be translated. */
function inHole(value: string): string {
  const whole = known(value) ?? otherwiseWritten(value);
  if (whole !== undefined) return whole;
  for (const { between, zh, some } of LISTS) {
    const items = value.split(between);
    const translated = items.map((item) => known(item) ?? atField(item));
    const found = translated.filter((item) => item !== undefined).length;
    if (items.length > 1 && (some ? found > 0 : found === items.length)) {
      return items.map((item, index) => translated[index] ?? item).join(zh);
    }
  }
  return atField(value) ?? value;
}

/** Inside of another text a sentence may have lost or got its full stop, or its capital letter. */
function otherwiseWritten(value: string): string | undefined {
  const lower = known(value.charAt(0).toLowerCase() + value.slice(1));
  if (lower !== undefined) return lower;
  if (!value.endsWith('.')) return known(`${value}.`)?.replace(/。$/, '');
  const open = known(value.slice(0, -1));
  return open === undefined ? undefined : `${open}。`;
}

/** Problems of fields that stand alone, as an import of people tells them. */
function problems(text: string): string | undefined {
  const translated = text.split('; ').map(atField);
  return translated.includes(undefined) ? undefined : translated.join('；');
}

function atField(text: string): string | undefined {
  const [, field = '', problem = ''] = AT_FIELD.exec(text) ?? [];
  const translated = known(problem);
  return translated === undefined ? undefined : `${field}：${translated}`;
}

/** The most specific first; made when first asked for, which in English is never. */
function templates(): Template[] {
  compiled ??= [...SENTENCES]
    .filter(([english]) => hasHoles(english))
    .map(([english, chinese]) => compile(english, chinese))
    .sort((a, b) => b.fixed - a.fixed);
  return compiled;
}

function filled(values: Record<string, string>): Record<string, string> {
  const entries = Object.entries(values);
  return Object.fromEntries(entries.map(([hole, value]) => [hole, mayHoldWords(hole) ? inHole(value) : value]));
}
