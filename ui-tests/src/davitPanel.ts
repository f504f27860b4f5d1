import { expect, type Locator, type Page } from '@playwright/test';

/** What a person does with Davit inside JupyterLab. */
export async function showPanel(lab: Page): Promise<Locator> {
  const panel = lab.locator('#jupyterlab-davit-panel');
  // While the page loads, its tabs move, and the splash lies above them.
  await expect(async () => {
    if (await panel.isVisible()) return;
    await lab.locator('.lm-TabBar-tab[data-id="jupyterlab-davit-panel"]').click({ timeout: 3000 });
    await expect(panel).toBeVisible({ timeout: 3000 });
  }).toPass({ timeout: 120_000 });
  await expect(panel.getByRole('button', { name: 'Save as image' }).first()).toBeVisible({ timeout: 60_000 });
  return panel;
}

/** Fills in the form for saving and sends it off. */
export async function saveAs(lab: Page, name: string, version: string): Promise<void> {
  const panel = await showPanel(lab);
  await panel.getByRole('button', { name: 'Save as image' }).first().click();
  const dialog = lab.getByRole('dialog', { name: 'Save the server as image' });
  await expect(dialog).toContainText('/data/private/default', { timeout: 60_000 });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Version').fill(version);
  await dialog.getByRole('button', { name: 'Save as image' }).click();
  await expect(dialog).toBeHidden({ timeout: 60_000 });
}

/** A cell that packs a tiny Python package and installs it with pip, as one that came from a package index. */
export const PIP_INSTALL = `import subprocess, sys, zipfile, pathlib
name = 'harbour_probe-1.0'
wheel = pathlib.Path('/tmp') / f'{name}-py3-none-any.whl'
with zipfile.ZipFile(wheel, 'w') as z:
    z.writestr('harbour_probe.py', 'TIDE = 42')
    z.writestr(f'{name}.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: harbour-probe\\nVersion: 1.0\\n')
    z.writestr(f'{name}.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    z.writestr(f'{name}.dist-info/RECORD', '')
subprocess.run([sys.executable, '-m', 'pip', 'install', '-q', '--no-index', str(wheel)], check=True)
print('installed')`;
