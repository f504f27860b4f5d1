import { expect, type Page } from '@playwright/test';

/** Makes a notebook, runs one cell in it and gives back what it printed. */
export async function runCell(page: Page, code: string): Promise<string> {
  await page.locator('.jp-LauncherCard[data-category="Notebook"]').first().click();
  const notebook = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
  await expect(notebook.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).toBeVisible({
    timeout: 60_000,
  });
  await notebook.locator('.jp-Cell .cm-content').first().click();
  await page.keyboard.insertText(code);
  await page.keyboard.press('Shift+Enter');
  const output = notebook.locator('.jp-OutputArea-output').first();
  await expect(output).toBeVisible({ timeout: 60_000 });
  return (await output.innerText()).trim();
}
