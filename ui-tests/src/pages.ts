import { expect, type BrowserContext, type Page } from '@playwright/test';

/** What a person does on the hub's pages, in the words that the pages show. */
export async function signIn(page: Page, url: string, name: string, password: string): Promise<void> {
  await page.goto(`${url}/signin`);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'My servers' })).toBeVisible();
}

/** Starts a server from the image card with that title and waits until it says running. */
export async function startServer(page: Page, imageTitle: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Start a server' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Start a server' });
  await dialog.getByRole('radio', { name: imageTitle, exact: true }).check({ force: true });
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(serverRow(page, name)).toContainText('running', { timeout: 600_000 });
}

/** The row of a server on the home page. */
export function serverRow(page: Page, name: string) {
  return page.getByRole('listitem').filter({ hasText: name });
}

/** What is there once an editor has loaded. */
const LOADED = {
  // A person's tabs follow to the next server, so any may be open.
  jupyterlab: '#jp-main-dock-panel .lm-DockPanel-widget:visible',
  'code-server': '.monaco-workbench',
  desktop: 'canvas',
};

/** Opens the server's editor in its new tab and waits until it has loaded. */
export async function openEditor(
  page: Page,
  context: BrowserContext,
  name: string,
  editor: keyof typeof LOADED,
): Promise<Page> {
  const opened = context.waitForEvent('page');
  await serverRow(page, name).getByRole('button', { name: /^Open/ }).click();
  const tab = await opened;
  await tab.waitForURL(new RegExp(`//s-[a-z0-9]{12}\\.localhost:\\d+/${editor}/`));
  await tab.locator(LOADED[editor]).first().waitFor({ timeout: 180_000 });
  return tab;
}

/** Releases or deletes through the menu and the dialog that says what is lost. */
export async function endServer(page: Page, name: string, item: 'Release now' | 'Delete'): Promise<void> {
  await serverRow(page, name)
    .getByRole('button', { name: /More actions/ })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('/data');
  await dialog.getByRole('button', { name: item === 'Delete' ? 'Delete the server' : item }).click();
  if (item === 'Release now') await expect(serverRow(page, name)).toContainText('stopped', { timeout: 60_000 });
  else await expect(serverRow(page, name)).toHaveCount(0, { timeout: 60_000 });
}
