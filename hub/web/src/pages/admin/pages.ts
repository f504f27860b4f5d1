/** All that only admins see, as one file for the browser. */
export { AdminPage } from './AdminPage.tsx';
export { AllUsagePage } from './AllUsagePage.tsx';
export { ImagesPage } from './ImagesPage.tsx';
export { ServersPage } from './ServersPage.tsx';
export { SettingsPage } from './SettingsPage.tsx';
export { UsersPage } from './UsersPage.tsx';
