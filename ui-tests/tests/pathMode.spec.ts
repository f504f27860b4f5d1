import { expect, test } from '@playwright/test';
import { openServer } from '@davit/contract';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from '../../hub/test/hubClient.ts';
import { freePort, HubProcess } from '../../hub/test/hubProcess.ts';
import { runCell } from '../src/jupyterlab.ts';
import { signIn as signInOnPage, serverRow } from '../src/pages.ts';
import { readFile, runInTerminal } from '../src/vscode.ts';

/** Path mode, for networks without `*.localhost`-like names, with an image that has two editors; and two hubs on one machine. */
test.describe.serial('servers below a path of another host', () => {
  let first: HubProcess;
  let hub: HubProcess;
  let ada: Person;
  let id: string;

  test.beforeAll(async () => {
    test.setTimeout(900_000);
    first = await HubProcess.start();
    const port = await freePort();
    hub = await HubProcess.start(
      { DAVIT_SERVER_URL: `http://127.0.0.1:${port}/s/{id}`, DAVIT_DECLARED_GPUS: 'test:1' },
      port,
    );
    ada = await newPerson(hub, await signIn(hub), 'ada');
    id = (await newServer(ada, 'jupyterlab-vscode', 'both')).id;
    await untilPhase(ada, id, ['running'], 800_000);
  });

  test.afterAll(async () => {
    await deleteAllServers(ada);
    await hub.dispose();
    await first.dispose();
  });

  test('an image with two editors shows two links, and both editors work below the path', async ({ context, page }) => {
    await signInOnPage(page, hub.url, 'ada', 'ada-and-a-password');
    await serverRow(page, 'both').getByRole('button', { name: /^Open/ }).click();
    await expect(page.getByRole('menuitem', { name: 'JupyterLab' })).toBeVisible();
    const opened = context.waitForEvent('page');
    await page.getByRole('menuitem', { name: 'VS Code' }).click();
    const code = await opened;
    await code.waitForURL(new RegExp(`//127\\.0\\.0\\.1:\\d+/s/${id}/code-server/`));
    await runInTerminal(code, 'echo "by path" > ~/work/path.txt');
    await expect.poll(() => readFile(code, 'path.txt'), { timeout: 60_000 }).toContain('by');

    const { url } = await ada.call(openServer, { params: { id }, body: { editor: 'jupyterlab' } });
    const lab = await context.newPage();
    await lab.goto(url);
    expect(new URL(lab.url()).pathname).toMatch(new RegExp(`^/s/${id}/jupyterlab/`));
    expect(await runCell(lab, "print(open('/data/user/path.txt').read())")).toBe('by path');
  });

  test('an app that listens on loopback inside is reached through its port', async ({ page }) => {
    const { url } = await ada.call(openServer, { params: { id }, body: { editor: 'jupyterlab' } });
    await page.goto(url);
    const start =
      'import subprocess; subprocess.Popen(["python3", "-m", "http.server", "8765", "--bind", "127.0.0.1", "--directory", "/data/user"])';
    expect(await runCell(page, `${start}; print("started")`)).toContain('started');
    await expect(async () => {
      await page.goto(
        (await ada.call(openServer, { params: { id }, body: { port: 8765, path: '/port/8765/path.txt' } })).url,
      );
      await expect(page.getByText('by path')).toBeVisible({ timeout: 3000 });
    }).toPass({ timeout: 30_000 });
  });

  test('a hub beside it knows nothing of the server', async () => {
    const admin = await signIn(first);
    expect((await first.ready()) && (await hub.ready())).toBe(true);
    await expect(admin.call(openServer, { params: { id }, body: {} })).rejects.toThrow();
  });
});
