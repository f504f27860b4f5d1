import type { Role } from '@davit/contract';
import { lazy, type ComponentType } from 'react';

const loadAccount = () => import('./pages/account/AccountPage.tsx');
const loadAdmin = () => import('./pages/admin/pages.ts');
const loadGroups = () => import('./pages/groups/GroupsPage.tsx');
const loadGroup = () => import('./pages/groups/GroupPage.tsx');
const loadLibrary = () => import('./pages/images/LibraryPage.tsx');
const loadUsage = () => import('./pages/usage/UsagePage.tsx');

/** Pages that come as files of their own, so that the first page is there sooner. */
export const AccountPage = later(async () => (await loadAccount()).AccountPage);
export const GroupPage = later(async () => (await loadGroup()).GroupPage);
export const GroupsPage = later(async () => (await loadGroups()).GroupsPage);
export const LibraryPage = later(async () => (await loadLibrary()).LibraryPage);
export const UsagePage = later(async () => (await loadUsage()).UsagePage);
export const AdminPage = later(async () => (await loadAdmin()).AdminPage);
export const AllUsagePage = later(async () => (await loadAdmin()).AllUsagePage);
export const ImagesPage = later(async () => (await loadAdmin()).ImagesPage);
export const ServersPage = later(async () => (await loadAdmin()).ServersPage);
export const SettingsPage = later(async () => (await loadAdmin()).SettingsPage);
export const UsersPage = later(async () => (await loadAdmin()).UsersPage);

const FOR_ROLE: Record<Role, readonly (() => Promise<unknown>)[]> = {
  user: [loadLibrary, loadUsage, loadAccount],
  teacher: [loadLibrary, loadUsage, loadAccount, loadGroups, loadGroup],
  admin: [loadLibrary, loadUsage, loadAccount, loadGroups, loadGroup, loadAdmin],
};

/**
 * Fetches what somebody of this role may open, once the browser has nothing better to do: a page that is opened then shows
 * at once, also when the hub is just being restarted.
 */
export function fetchLaterPages(role: Role): void {
  const fetchAll = (): void => {
    // A page that did not come is fetched again when it is opened, which says what is wrong.
    for (const load of FOR_ROLE[role]) void load().catch(() => undefined);
  };
  // Safari has no idle callback.
  if ('requestIdleCallback' in window) window.requestIdleCallback(fetchAll);
  else setTimeout(fetchAll, 1000);
}

function later(load: () => Promise<ComponentType>) {
  return lazy(async () => ({ default: await load() }));
}
