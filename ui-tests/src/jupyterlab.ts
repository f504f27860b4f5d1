import { expect, type Page } from '@playwright/test';

/** Makes a notebook, runs one cell in it and gives back what it printed. */
export async function runCell(page: Page, code: string): Promise<string> {
  // A notebook that is still open from before asks for a kernel, because the old container's is gone.
  const kernelQuestion = page.getByRole('dialog').filter({ hasText: 'Select Kernel' });
  await page.addLocatorHandler(
    kernelQuestion,
    async () => {
      // It may be closing already.
      const select = kernelQuestion.getByRole('button', { name: 'Select' }).last();
      await select.click({ timeout: 3000 }).catch(() => undefined);
    },
    // Each open notebook asks: behind one question there may be the next.
    { noWaitAfter: true },
  );
  // Then there is no launcher either.
  const card = page.locator('.jp-LauncherCard[data-category="Notebook"]:visible').first();
  await expect(async () => {
    if (!(await card.isVisible())) await page.locator('.lm-TabBar-addButton:visible').first().click({ timeout: 3000 });
    await card.click({ timeout: 3000 });
  }).toPass({ timeout: 60_000 });
  const notebook = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
  // A cell that is run before the kernel is connected is silently left alone; the status bar may still tell of another.
  await expect(notebook.locator('.jp-Notebook-ExecutionIndicator')).toHaveAttribute('data-status', 'idle', {
    timeout: 60_000,
  });
  await expect(page.locator('#jp-main-statusbar')).toContainText('| Idle', { timeout: 60_000 });
  await notebook.locator('.jp-Cell .cm-content').first().click();
  await page.keyboard.insertText(code);
  await expect(async () => {
    await notebook.locator('.jp-Cell .cm-content').first().click();
    await page.keyboard.press('Shift+Enter');
    await expect(notebook.locator('.jp-InputPrompt').first()).not.toHaveText('[ ]:', { timeout: 3000 });
  }).toPass({ timeout: 60_000 });
  const output = notebook.locator('.jp-OutputArea-output').first();
  await expect(output).toBeVisible({ timeout: 60_000 });
  return (await output.innerText()).trim();
}
