import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { AllServers } from '../../lib/AllServers.tsx';
import { useTitle } from '../../lib/title.ts';

/** Everybody's servers. */
export function ServersPage(): ReactElement {
  const { admin } = useTexts();
  useTitle(admin.servers);
  return <AllServers title={admin.servers} />;
}
