import { expect, test } from '@playwright/test';
import { startPlainEditor } from '../src/plainEditor.ts';

/** Anybody may install the extensions: without a hub they say so calmly, and the editor works as ever. */
test.describe('editors that no hub has started', () => {
  test.setTimeout(300_000);

  test('JupyterLab with the wheel says that it is not connected', async ({ page }) => {
    const editor = await startPlainEditor({
      image: 'jupyterlab',
      workspace: 'jupyterlab-ext',
      command: 'wheel',
      script:
        'pip install --quiet --no-index "$FILE"; ' +
        'exec jupyter lab --no-browser --ip=0.0.0.0 --port=8888 --IdentityProvider.token= --notebook-dir=/tmp',
    });
    try {
      await page.goto(`${editor.url}lab`);
      const tab = page.locator('.lm-TabBar-tab[data-id="jupyterlab-davit-panel"]');
      const panel = page.locator('#jupyterlab-davit-panel');
      await expect(async () => {
        if (!(await panel.isVisible())) await tab.click({ timeout: 3000 });
        await expect(panel).toContainText('Not connected to a hub', { timeout: 3000 });
      }).toPass({ timeout: 60_000 });
      await expect(panel.getByRole('button', { name: 'Save as image' })).toHaveCount(0);
      await expect(page.getByRole('alertdialog').or(page.locator('.jp-toast-error'))).toHaveCount(0);
      await expect(page.locator('.jp-LauncherCard[data-category="Notebook"]').first()).toBeVisible();
    } finally {
      await editor.dispose();
    }
  });

  test('VS Code with the VSIX says that it is not connected', async ({ page }) => {
    const editor = await startPlainEditor({
      image: 'code-server',
      workspace: 'vscode-ext',
      command: 'vsix',
      script:
        'export CODE_SERVER_CONFIG=/tmp/config.yaml; code-server --install-extension "$FILE"; ' +
        'exec code-server --auth none --disable-workspace-trust --bind-addr 0.0.0.0:8888 /tmp',
    });
    try {
      await page.goto(editor.url);
      await page
        .locator('.activitybar')
        .getByRole('tab', { name: /^Davit/ })
        .click({ timeout: 120_000 });
      const side = page.locator('.part.sidebar');
      await expect(side).toContainText('This editor is not connected to a Davit hub', { timeout: 60_000 });
      await expect(side.getByText('Images appear here once this editor is connected')).toBeVisible();
      await expect(page.locator('.notification-list-item').filter({ hasText: /davit/i })).toHaveCount(0);
    } finally {
      await editor.dispose();
    }
  });
});
