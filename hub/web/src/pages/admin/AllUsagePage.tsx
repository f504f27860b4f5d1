import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { AllUsage } from '../../lib/AllUsage.tsx';
import { useTitle } from '../../lib/title.ts';

/** Everybody's usage. */
export function AllUsagePage(): ReactElement {
  const { admin } = useTexts();
  useTitle(admin.usage);
  return <AllUsage title={admin.usage} />;
}
