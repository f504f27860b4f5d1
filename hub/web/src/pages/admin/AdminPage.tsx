import { TabLinks } from '@davit/ui';
import type { ReactElement } from 'react';
import { Outlet, useLocation, useNavigate } from 'react-router';
import { useTexts } from '../../i18n/language.tsx';

/** The frame of the admin's pages. */
export function AdminPage(): ReactElement {
  const { admin } = useTexts();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const links = [
    { href: '/admin', text: admin.users, icon: 'users' },
    { href: '/admin/servers', text: admin.servers, icon: 'server' },
    { href: '/admin/images', text: admin.images, icon: 'box' },
    { href: '/admin/usage', text: admin.usage, icon: 'chart' },
    { href: '/admin/settings', text: admin.settings, icon: 'sliders' },
  ] as const;
  return (
    <>
      <TabLinks
        label={admin.title}
        links={links.map((link) => ({ ...link, current: link.href === pathname }))}
        onFollow={(href) => void navigate(href)}
      />
      <Outlet />
    </>
  );
}
