import { LinkRouter } from '@davit/ui';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { BrowserRouter, Route, Routes, useHref, useNavigate } from 'react-router';
import { LanguageProvider, useTexts } from './i18n/language.tsx';
import {
  AccountPage,
  AdminPage,
  AllUsagePage,
  GroupPage,
  GroupsPage,
  ImagesPage,
  LibraryPage,
  ServersPage,
  SettingsPage,
  UsagePage,
  UsersPage,
} from './laterPages.ts';
import { NoticesProvider } from './lib/notices.tsx';
import { HomePage } from './pages/home/HomePage.tsx';
import { OpenPage } from './pages/open/OpenPage.tsx';
import { LinkPage } from './pages/signin/LinkPage.tsx';
import { SignInPage } from './pages/signin/SignInPage.tsx';
import { Crash } from './shell/Crash.tsx';
import { NotFound } from './shell/NotFound.tsx';
import { OnlyFor, SignedIn } from './shell/SignedIn.tsx';

/** All pages with what they share. */
export function App({ client }: { client: QueryClient }): ReactElement {
  return (
    <QueryClientProvider client={client}>
      <LanguageProvider>
        <BrowserRouter>
          <Pages />
        </BrowserRouter>
      </LanguageProvider>
    </QueryClientProvider>
  );
}

function Pages(): ReactElement {
  const { shell, common } = useTexts();
  const navigate = useNavigate();
  return (
    <LinkRouter navigate={(path) => void navigate(path)} useHref={useHref}>
      <NoticesProvider>
        <Crash message={common.unexpected}>
          <Routes>
            <Route path="/signin" element={<SignInPage />} />
            {['/link', '/setup', '/password'].map((path) => (
              <Route key={path} path={path} element={<LinkPage />} />
            ))}
            <Route element={<SignedIn />}>
              <Route path="/" element={<HomePage />} />
              <Route path="/open/:id" element={<OpenPage />} />
              <Route path="/images" element={<LibraryPage />} />
              <Route path="/usage" element={<UsagePage />} />
              <Route path="/account" element={<AccountPage />} />
              <Route element={<OnlyFor roles={['teacher', 'admin']} title={shell.noGroups} />}>
                <Route path="/groups" element={<GroupsPage />} />
                <Route path="/groups/:id" element={<GroupPage />} />
              </Route>
              <Route element={<OnlyFor roles={['admin']} />}>
                <Route path="/admin" element={<AdminPage />}>
                  <Route index element={<UsersPage />} />
                  <Route path="servers" element={<ServersPage />} />
                  <Route path="images" element={<ImagesPage />} />
                  <Route path="usage" element={<AllUsagePage />} />
                  <Route path="settings" element={<SettingsPage />} />
                </Route>
              </Route>
              <Route path="*" element={<NotFound />} />
            </Route>
          </Routes>
        </Crash>
      </NoticesProvider>
    </LinkRouter>
  );
}
