import { expect, type Page } from '@playwright/test';

/** Runs a command in a new terminal of VS Code. What it does is seen elsewhere: the terminal is drawn, not text. */
export async function runInTerminal(page: Page, command: string): Promise<void> {
  await expect(page.locator('.monaco-workbench')).toBeVisible({ timeout: 60_000 });
  const terminal = page.locator('.terminal.xterm').last();
  // Keys that come before the page listens are lost, and a second press would hide the terminal that the first one shows.
  await expect(async () => {
    if (
      !(await page
        .locator('.part.panel')
        .getByRole('tab', { name: /^Terminal/ })
        .isVisible())
    ) {
      await page.keyboard.press('Control+Backquote');
    }
    await expect(terminal).toBeVisible({ timeout: 10_000 });
  }).toPass({ timeout: 180_000 });
  await terminal.click();
  await expect(page.locator('.terminal-wrapper.active .xterm-helper-textarea').last()).toBeFocused();
  await page.keyboard.type(`${command}\n`);
}

/** Opens a file by its name through quick open and gives back what the editor shows. */
export async function readFile(page: Page, name: string): Promise<string> {
  await page.locator('.monaco-workbench').click({ position: { x: 5, y: 5 } });
  await expect(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+KeyP');
    await page.locator('.quick-input-widget input').fill(name);
    await expect(page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first()).toBeVisible({
      timeout: 3000,
    });
  }).toPass({ timeout: 60_000 });
  await page.keyboard.press('Enter');
  await expect(page.locator(`.tab.active[data-resource-name="${name}"]`)).toBeVisible();
  return page.locator('.editor-instance .view-lines').first().innerText();
}
