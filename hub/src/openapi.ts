import { readFileSync, writeFileSync } from 'node:fs';
import { allRoutes, openApiDocument } from '@davit/contract';
import { VERSION } from './version.ts';

/** Writes hub/openapi.json; with --check says whether the committed one is what the contract gives. */
const file = new URL('../openapi.json', import.meta.url);
const text = `${JSON.stringify(openApiDocument(allRoutes, VERSION), null, 2)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('hub/openapi.json is not what the contract gives. Run npm run openapi and commit it.');
  process.exitCode = 1;
}
