import { UiTextsProvider } from '@davit/ui';
import '@davit/ui/ui.css';
import { createRoot } from 'react-dom/client';
import { pageLanguage } from './language.ts';
import { SavePage } from './SavePage.tsx';
import './page.css';

const root = document.getElementById('root');
if (root !== null) {
  const language = pageLanguage(document.documentElement.lang);
  createRoot(root).render(
    <UiTextsProvider texts={language.texts.ui} locale={language.locale}>
      <SavePage language={language} />
    </UiTextsProvider>,
  );
}
