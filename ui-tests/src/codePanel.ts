import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';

/** Runs a command of VS Code by its title, through the palette. */
export async function runCommand(code: Page, title: string): Promise<void> {
  const choice = code.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
  await expect(async () => {
    await code.keyboard.press('Escape');
    await code.keyboard.press('F1');
    await code.locator('.quick-input-widget input').fill(`>${title}`);
    await expect(choice).toBeVisible({ timeout: 3000 });
  }).toPass({ timeout: 60_000 });
  await code.keyboard.press('Enter');
}

/** Picks an entry of the list that a command shows. */
export async function pick(code: Page, label: RegExp): Promise<void> {
  const row = code.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first();
  await expect(row).toBeVisible({ timeout: 30_000 });
  await row.click();
}

/** The view of Davit in the side bar, with its rows. */
export async function showView(code: Page, name: 'This server' | 'Images' | 'Usage'): Promise<Locator> {
  const tab = code.locator('.activitybar').getByRole('tab', { name: /^Davit/ });
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  const view = code.getByRole('tree', { name, exact: true });
  await expect(view).toBeVisible({ timeout: 30_000 });
  return view;
}

/** The page that the extension shows in an editor tab. */
export function pageInTab(code: Page): FrameLocator {
  return code.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}
