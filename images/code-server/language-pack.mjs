import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * Makes VS Code's own language pack of Simplified Chinese, out of packages that carry the same translations for another
 * build of VS Code: there texts have numbers and not names. What number is which text tells the package of the pseudo
 * language, which is English with other letters: `Çløsë` is "Close". Texts that are newer than the packages stay English.
 *
 * Beside the extension's own files stands what code-server keeps about installed packs, for people who have none.
 *
 * node language-pack.mjs <pseudo package> <Chinese package> <VS Code> <where to>
 */
const [pseudoPackage, chinesePackage, code, target] = process.argv.slice(2);
const LANGUAGE = 'zh-cn';
const LETTERS = {
  a: 'æ',
  A: 'Æ',
  b: 'þ',
  B: 'ß',
  c: 'ç',
  C: 'Ç',
  d: 'ð',
  D: 'Ð',
  e: 'ë',
  E: 'Ë',
  i: 'ï',
  I: 'Ï',
  L: '£',
};
Object.assign(LETTERS, { n: 'ñ', N: 'Ñ', o: 'ø', O: 'Ø', S: '§', u: 'µ', U: 'Ü', y: 'ÿ', Y: 'Ý' });
const ARGUMENT = /(\{[^}]*\})/;

/** English as the pseudo language writes it; arguments such as {0} stay. */
function pseudo(text) {
  const letters = (part) => [...part].map((letter) => LETTERS[letter] ?? letter).join('');
  return text
    .split(ARGUMENT)
    .map((part) => (ARGUMENT.test(part) ? part : letters(part)))
    .join('');
}

const json = async (path) => JSON.parse(await readFile(path, 'utf8'));
const texts = async (from) => (await import(join(from, 'translations', 'main.i18n.json.js'))).default;

/** Module and key of each text of this VS Code, with its translation where there is one. */
async function translated() {
  const chinese = await texts(chinesePackage);
  const known = new Map((await texts(pseudoPackage)).map((text, number) => [text, chinese[number]]));
  const english = await json(join(code, 'out', 'nls.messages.json'));
  let number = 0;
  const modules = (await json(join(code, 'out', 'nls.keys.json'))).map(([module, keys]) => [
    module,
    Object.fromEntries(keys.map((key) => [key, known.get(pseudo(english[number++]))]).filter(([, text]) => text)),
  ]);
  const count = modules.reduce((sum, [, found]) => sum + Object.keys(found).length, 0);
  if (count < english.length / 2) throw new Error(`only ${count} of ${english.length} texts have a translation`);
  process.stdout.write(`${count} of ${english.length} texts have a translation\n`);
  return Object.fromEntries(modules);
}

await mkdir(join(target, 'translations', 'extensions'), { recursive: true });
await writeFile(
  join(target, 'translations', 'main.i18n.json'),
  JSON.stringify({ version: '1.0.0', contents: await translated() }),
);
const folder = join(chinesePackage, 'translations', 'extensions');
const translations = [{ id: 'vscode', path: './translations/main.i18n.json' }];
for (const file of (await readdir(folder)).sort()) {
  const path = join('translations', 'extensions', file);
  await writeFile(join(target, path), JSON.stringify(await json(join(folder, file))));
  translations.push({ id: basename(file, '.i18n.json'), path: `./${path}` });
}
const { version, license } = await json(join(chinesePackage, 'package.json'));
const name = 'language-pack-zh-hans';
const publisher = 'davit';
const localizedLanguageName = '中文(简体)';
const localization = { languageId: LANGUAGE, languageName: 'Chinese Simplified', localizedLanguageName, translations };
const extension = {
  name,
  publisher,
  displayName: '中文（简体）',
  version,
  license,
  engines: { vscode: '*' },
  contributes: { localizations: [localization] },
};
const installed = {
  hash: createHash('md5').update(JSON.stringify(extension)).digest('hex'),
  extensions: [{ extensionIdentifier: { id: `${publisher}.${name}` }, version }],
  translations: Object.fromEntries(translations.map(({ id, path }) => [id, join(target, path)])),
  label: localizedLanguageName,
};
await writeFile(join(target, 'package.json'), JSON.stringify(extension, undefined, 2));
await writeFile(join(target, 'languagepacks.json'), JSON.stringify({ [LANGUAGE]: installed }));
