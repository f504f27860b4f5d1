import type { Me } from '@davit/contract';
import { Button, EmptyState, Skeleton } from '@davit/ui';
import { createContext, Suspense, useContext, useEffect, type ReactElement } from 'react';
import { Navigate, Outlet, useLocation, useNavigate } from 'react-router';
import { isSignedOut } from '../api/client.ts';
import { LiveProvider } from '../api/live.tsx';
import { useInfo, useMe } from '../api/queries.ts';
import { useTexts } from '../i18n/language.tsx';
import { fetchLaterPages } from '../laterPages.ts';
import { Failure } from '../lib/failure.tsx';
import { signInPath } from '../lib/returnPath.ts';
import { useSlash } from '../lib/useSlash.ts';
import { DisconnectedBar, InsecureBar } from './Bars.tsx';
import { Header } from './Header.tsx';
import { ReleaseBars } from './ReleaseBar.tsx';

const MeContext = createContext<Me | undefined>(undefined);

/** The frame of all pages that need a sign-in; without one it leads to the sign-in page and back. */
export function SignedIn(): ReactElement {
  const me = useMe();
  const info = useInfo();
  const { common } = useTexts();
  const { pathname, search } = useLocation();
  useSlash();
  const role = me.data?.user.role;
  useEffect(() => {
    if (role !== undefined) fetchLaterPages(role);
  }, [role]);

  if (isSignedOut(me.error)) return <Navigate to={signInPath(pathname + search)} replace />;
  if (me.data === undefined) {
    return (
      <main className="page">
        {me.error === null || info.isPending ? (
          <Skeleton rows={4} height={44} />
        ) : (
          <Failure title={common.failedToLoad} error={me.error} onRetry={() => void me.refetch()} />
        )}
      </main>
    );
  }
  return (
    <MeContext.Provider value={me.data}>
      <LiveProvider>
        <InsecureBar />
        <Header me={me.data} />
        <DisconnectedBar />
        <ReleaseBars />
        <main className="page" id="content" tabIndex={-1}>
          <Suspense fallback={<Skeleton rows={4} height={44} />}>
            <Outlet />
          </Suspense>
        </main>
      </LiveProvider>
    </MeContext.Provider>
  );
}

/** Who is signed in, on pages inside the frame. */
export function useSignedIn(): Me {
  const me = useContext(MeContext);
  if (me === undefined) throw new Error('SignedIn is missing');
  return me;
}

/** Pages below it are for some roles; the hub refuses the others anyhow, this says why. */
export function OnlyFor({ roles, title }: { roles: readonly Me['user']['role'][]; title?: string }): ReactElement {
  const { shell } = useTexts();
  const navigate = useNavigate();
  if (roles.includes(useSignedIn().user.role)) return <Outlet />;
  return (
    <EmptyState
      icon="shield"
      title={title ?? shell.noPermission}
      action={<Button onPress={() => void navigate('/')}>{shell.toServers}</Button>}
    >
      {shell.noPermissionText}
    </EmptyState>
  );
}
