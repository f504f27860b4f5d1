import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { useTitle } from '../../lib/title.ts';
import { AllServers } from './AllServers.tsx';

/** Everybody's servers. */
export function ServersPage(): ReactElement {
  const { admin } = useTexts();
  useTitle(admin.servers);
  return <AllServers title={admin.servers} />;
}
