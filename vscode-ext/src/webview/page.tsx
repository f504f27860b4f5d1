import { UiTextsProvider } from '@davit/ui';
import '@davit/ui/ui.css';
import { createRoot } from 'react-dom/client';
import { pageLanguage } from './language.ts';
import type { PageName } from './messages.ts';
import { SavePage } from './SavePage.tsx';
import { UsagePage } from './UsagePage.tsx';
import './page.css';

const PAGES = { save: SavePage, usage: UsagePage } satisfies Record<PageName, unknown>;

const root = document.getElementById('root');
const name = root?.dataset['page'];
if (root !== null && name !== undefined && name in PAGES) {
  const Page = PAGES[name as PageName];
  const language = pageLanguage(document.documentElement.lang);
  createRoot(root).render(
    <UiTextsProvider texts={language.texts.ui} locale={language.locale}>
      <Page language={language} />
    </UiTextsProvider>,
  );
}
