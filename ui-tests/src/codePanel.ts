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

/** Answers what a command asks to be typed. */
export async function typeAnswer(code: Page, answer: string): Promise<void> {
  await code.locator('.quick-input-widget input').fill(answer);
  await code.keyboard.press('Enter');
}

/** Chooses an action from the context menu of a row. */
export async function chooseFromRow(code: Page, row: Locator, action: RegExp): Promise<void> {
  const entry = code.locator('.monaco-menu').getByRole('menuitem', { name: action }).first();
  // A row that is drawn anew while the menu opens takes the menu away, and a menu takes no click in its first moment.
  await expect(async () => {
    if (!(await entry.isVisible())) await row.click({ button: 'right', timeout: 5000 });
    await entry.click({ timeout: 5000 });
    await expect(entry).toBeHidden({ timeout: 2000 });
  }).toPass({ timeout: 60_000 });
}

/** The view of Davit in the side bar, with its rows. */
export async function showView(code: Page, name: 'This Server' | 'Images' | 'Usage'): Promise<Locator> {
  const tab = code.locator('.activitybar').getByRole('tab', { name: /^Davit/ });
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  const view = code.getByRole('tree', { name, exact: true });
  // There is no tree until the extension runs, which after a reload takes a busy machine a minute.
  await expect(view).toBeVisible({ timeout: 120_000 });
  return view;
}

/** The page that the extension shows in an editor tab. */
export function pageInTab(code: Page): FrameLocator {
  return code.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}
