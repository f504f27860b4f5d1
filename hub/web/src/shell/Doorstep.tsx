import type { ReactElement, ReactNode } from 'react';
import { useTitle } from '../lib/title.ts';
import { InsecureBar } from './Bars.tsx';
import { Brand } from './Header.tsx';
import { LanguageMenu, ThemeMenu } from './Preferences.tsx';

/** The frame of the pages in front of the sign-in: one card in the middle. */
export function Doorstep(props: { title: string; lead?: string; children: ReactNode }): ReactElement {
  useTitle(props.title);
  return (
    <>
      <InsecureBar />
      <header className="header">
        <Brand />
        <div className="header-end">
          <LanguageMenu />
          <ThemeMenu />
        </div>
      </header>
      <main className="doorstep" id="content">
        <div className="doorstep-card">
          <h1>{props.title}</h1>
          {props.lead !== undefined && <p className="davit-muted">{props.lead}</p>}
          {props.children}
        </div>
      </main>
    </>
  );
}
