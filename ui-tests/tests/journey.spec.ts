import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { HubProcess } from '../../hub/test/hubProcess.ts';
import { coloursOf } from '../src/desktop.ts';
import { runCell } from '../src/jupyterlab.ts';
import { endServer, openEditor, serverRow, signIn, startServer } from '../src/pages.ts';
import { readFile, runInTerminal } from '../src/vscode.ts';

/**
 * The first day with Davit, in one browser against real containers: the admin's one-time link, a new person, each editor,
 * and files that outlive servers. The steps build on each other.
 */
test.describe.serial('the first day', () => {
  let hub: HubProcess;
  let context: BrowserContext;
  let page: Page;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(900_000);
    hub = await HubProcess.start({ DAVIT_ADMIN_NAME: '', DAVIT_ADMIN_PASSWORD_FILE: '' });
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
  });

  test.afterAll(async () => {
    await context.close();
    await hub.dispose();
  });

  test('the admin sets name and password with the link that the hub printed', async () => {
    const link = /http:\/\/localhost:\d+\/link#\S+/.exec(hub.output)?.[0] ?? 'no link printed';
    await page.goto(link);
    await page.getByLabel('Name').fill('harbour');
    await page.getByLabel('Password', { exact: true }).fill('a quiet harbour');
    await page.getByLabel('Password once more').fill('a quiet harbour');
    await page.getByRole('button', { name: 'Create the admin' }).click();
    await expect(page.getByRole('heading', { name: 'My servers' })).toBeVisible();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByLabel('Password', { exact: true }).fill('a loud harbour');
    await page.getByLabel('Password once more').fill('a loud harbour');
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await expect(page.getByRole('alert').first()).toBeVisible();
  });

  test('the admin creates a person, who signs in', async () => {
    await page.goto(`${hub.url}/admin`);
    await page.getByRole('button', { name: 'Create a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Sign-in name').fill('ada');
    await dialog.getByLabel('Password').fill('engines of analysis');
    await dialog.getByRole('button', { name: 'Create a user' }).click();
    await expect(page.getByRole('row', { name: /ada/ })).toBeVisible();
    await context.clearCookies();
    await signIn(page, hub.url, 'ada', 'engines of analysis');
    await expect(page.getByText('No servers yet')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Admin' })).toHaveCount(0);
  });

  test('JupyterLab runs a cell and writes a file', async () => {
    test.setTimeout(700_000);
    await startServer(page, 'JupyterLab', 'lab');
    const lab = await openEditor(page, context, 'lab', 'jupyterlab');
    expect(new URL(lab.url()).hostname).toMatch(/^s-[a-z0-9]{12}\.localhost$/);
    expect(lab.url()).not.toContain('code=');
    const code =
      "import pathlib; pathlib.Path.home().joinpath('work', 'from-lab.txt').write_text('ahoy'); print(6 * 7)";
    expect(await runCell(lab, code)).toBe('42');
    await lab.close();
  });

  test('releasing says what is lost and keeps the server; starting again finds the file', async () => {
    await endServer(page, 'lab', 'Release now');
    await serverRow(page, 'lab')
      .getByRole('button', { name: /^Start/ })
      .click();
    await expect(serverRow(page, 'lab')).toContainText('running', { timeout: 60_000 });
    const lab = await openEditor(page, context, 'lab', 'jupyterlab');
    expect(await runCell(lab, "print(open('/data/user/from-lab.txt').read())")).toBe('ahoy');
    await lab.close();
    await endServer(page, 'lab', 'Delete');
  });

  test('VS Code opens a file and a terminal', async () => {
    test.setTimeout(900_000);
    await startServer(page, 'VS Code', 'code');
    const code = await openEditor(page, context, 'code', 'code-server');
    await runInTerminal(
      code,
      'cat ~/work/from-lab.txt > ~/work/from-code.txt; echo " and $((40+2))" >> ~/work/from-code.txt',
    );
    await expect.poll(() => readFile(code, 'from-code.txt'), { timeout: 60_000 }).toMatch(/ahoy\s+and\s+42/);
    await code.close();
    await endServer(page, 'code', 'Delete');
  });

  test('the desktop is painted and takes the keyboard', async () => {
    test.setTimeout(700_000);
    await startServer(page, 'Desktop', 'desk');
    const desk = await openEditor(page, context, 'desk', 'desktop');
    const canvas = desk.locator('canvas').first();
    await expect(canvas).toBeVisible({ timeout: 60_000 });
    await expect.poll(() => coloursOf(desk), { timeout: 60_000 }).toBeGreaterThan(20);
    await desk.screenshot({ path: 'ui-tests/test-results/hub/desktop.png' });
    await desk.close();
    await endServer(page, 'desk', 'Delete');
  });

  test('another person sees and opens nothing of it', async ({ browser }) => {
    await startServer(page, 'JupyterLab', 'private');
    const lab = await openEditor(page, context, 'private', 'jupyterlab');
    const address = lab.url();
    expect(await runCell(lab, "print(open('/data/user/from-code.txt').read().split()[0])")).toBe('ahoy');
    const stranger = await browser.newContext();
    const theirs = await stranger.newPage();
    await signIn(theirs, hub.url, 'harbour', 'a quiet harbour');
    await theirs.goto(address);
    // Before this nothing is there yet, and the absence of everything proves nothing.
    await expect(theirs.getByText('Only its owner may start, reset or open this server.')).toBeVisible();
    expect(new URL(theirs.url()).origin).toBe(hub.url);
    await expect(theirs.locator('#jp-main-dock-panel')).toHaveCount(0);
    await expect(theirs.getByText('from-code.txt')).toHaveCount(0);
    await stranger.close();
    await lab.close();
    await endServer(page, 'private', 'Delete');
  });
});
