import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import {
  getServer,
  listImageJobs,
  listImages,
  getUsageSummary,
  updateSettings,
  type ReleaseSettings,
} from '@davit/contract';
import { deleteAllServers, newPerson, signIn, type Person } from '../../hub/test/hubClient.ts';
import { HubProcess } from '../../hub/test/hubProcess.ts';
import { containersOf } from '../../hub/test/hubServers.ts';
import { chooseFromRow, pageInTab, pick, runCommand, showView, typeAnswer } from '../src/codePanel.ts';
import { PIP_INSTALL, saveAs, showPanel } from '../src/davitPanel.ts';
import { runCell } from '../src/jupyterlab.ts';
import { openEditor, signIn as signInOnPage, startServer } from '../src/pages.ts';
import { readFile, runInTerminal } from '../src/vscode.ts';

const POLICY = /5 minutes after/;
const RELEASE: ReleaseSettings = {
  leftAfterMinutes: 1,
  roles: {
    user: { allowed: ['automatic', '24h'], default: '24h' },
    teacher: { allowed: ['24h'], default: '24h' },
    admin: { allowed: ['24h'], default: '24h' },
  },
};

/**
 * A day inside the editors, on real containers: install, save as image, start from it, see usage grow, be warned, keep,
 * release. JupyterLab and VS Code take the same path. The steps build on each other.
 */
test.describe.serial('inside the editors', () => {
  let hub: HubProcess;
  let context: BrowserContext;
  let page: Page;
  let lab: Page;
  let code: Page;
  let admin: Person;
  let ada: Person;
  let eve: Person;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(900_000);
    hub = await HubProcess.start();
    admin = await signIn(hub);
    await admin.call(updateSettings, { body: { release: RELEASE } });
    [ada, eve] = [await newPerson(hub, admin, 'ada'), await newPerson(hub, admin, 'eve')];
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
    await signInOnPage(page, hub.url, 'ada', 'ada-and-a-password');
  });

  test.afterAll(async () => {
    await deleteAllServers(ada);
    await context.close();
    await hub.dispose();
  });

  const serverId = (editor: Page): string => /s-([a-z0-9]{12})\./.exec(editor.url())?.[1] ?? '';
  const own = async (person: Person): Promise<string[]> => {
    const { items } = await person.call(listImages, { query: { limit: 200 } });
    return items.filter(({ ownerId }) => ownerId !== null).map(({ name, version }) => `${name}:${version}`);
  };

  test('JupyterLab: what pip installed is saved as an image, with progress in the panel', async () => {
    test.setTimeout(900_000);
    await startServer(page, 'JupyterLab', 'lab');
    lab = await openEditor(page, context, 'lab', 'jupyterlab');
    expect(await runCell(lab, PIP_INSTALL)).toContain('installed');
    await saveAs(lab, 'env', '1');
    await expect(lab.getByText('env:1 is saved').first()).toBeVisible({ timeout: 180_000 });
    await expect((await showPanel(lab)).getByText('env:1').first()).toBeVisible();
    expect(await own(ada)).toEqual(['env:1']);
  });

  test('a server started from it on the hub page has the package', async () => {
    test.setTimeout(600_000);
    await startServer(page, 'env:1', 'from-env');
    const second = await openEditor(page, context, 'from-env', 'jupyterlab');
    expect(await runCell(second, 'import harbour_probe; print(harbour_probe.TIDE)')).toBe('42');
    await second.close();
  });

  test('another user neither sees nor starts the private image', async ({ browser }) => {
    expect(await own(eve)).toEqual([]);
    const theirs = await (await browser.newContext()).newPage();
    await signInOnPage(theirs, hub.url, 'eve', 'eve-and-a-password');
    await theirs.getByRole('button', { name: 'Start a server' }).first().click();
    // All images come at once; those of others have their owner's name in front.
    await expect(theirs.getByRole('radio', { name: 'JupyterLab', exact: true })).toBeAttached();
    await expect(theirs.getByRole('radio', { name: /env:1/ })).toHaveCount(0);
    await theirs.context().close();
  });

  test('a save that is cancelled leaves no image', async () => {
    test.setTimeout(300_000);
    // Enough that it is still on its way when it is cancelled.
    expect(
      await runCell(lab, "open('/opt/venv/ballast', 'wb').write(__import__('os').urandom(400_000_000)); print('big')"),
    ).toBe('big');
    await saveAs(lab, 'env', '2');
    const panel = await showPanel(lab);
    await panel.getByRole('button', { name: /^Cancel/ }).click();
    await expect
      .poll(async () => (await ada.call(listImageJobs, {})).items[0]?.phase, { timeout: 120_000 })
      .toBe('cancelled');
    expect(await own(ada)).toEqual(['env:1']);
    expect(await runCell(lab, "__import__('os').remove('/opt/venv/ballast'); print('gone')")).toBe('gone');
  });

  test('VS Code: the same path, with the form, the view and the palette', async () => {
    test.setTimeout(900_000);
    await startServer(page, 'VS Code', 'code');
    code = await openEditor(page, context, 'code', 'code-server');
    await runInTerminal(
      code,
      'mkdir -p ~/harbour && echo tide-42 > ~/harbour/probe.txt && cp ~/harbour/probe.txt ~/work/',
    );
    await expect.poll(() => readFile(code, 'probe.txt'), { timeout: 60_000 }).toContain('tide');
    const view = await showView(code, 'This Server');
    await expect(view.getByText('Memory').first()).toBeVisible({ timeout: 60_000 });
    await runCommand(code, 'Davit: Save as Image');
    const form = pageInTab(code);
    await expect(form.getByText('/data/private/default')).toBeVisible({ timeout: 60_000 });
    await form.getByLabel('Name').fill('Bad Name');
    await expect(form.getByText('Lower-case letters and digits').first()).toBeVisible();
    await expect(form.getByRole('button', { name: 'Save as image' })).toBeDisabled();
    await form.getByLabel('Name').fill('code-env');
    await form.getByLabel('Version').fill('1');
    await form.getByRole('button', { name: 'Save as image' }).click();
    await expect.poll(() => own(ada), { timeout: 180_000 }).toEqual(['code-env:1', 'env:1']);
    const images = await showView(code, 'Images');
    await expect(images.getByText('code-env:1').first()).toBeVisible({ timeout: 60_000 });
    await startServer(page, 'code-env:1', 'from-code');
    const second = await openEditor(page, context, 'from-code', 'code-server');
    await runInTerminal(second, 'cat ~/harbour/probe.txt > ~/work/seen-again.txt');
    await expect.poll(() => readFile(second, 'seen-again.txt'), { timeout: 60_000 }).toContain('tide');
    await second.close();
  });

  test('both panels list the ports on which programs listen', async () => {
    test.setTimeout(240_000);
    const serve = `import subprocess, sys; subprocess.Popen([sys.executable, '-m', 'http.server', '8765']); print('up')`;
    expect(await runCell(lab, serve)).toContain('up');
    const ports = (await showPanel(lab)).getByRole('list', { name: 'Ports' });
    await expect(ports).toContainText('python3 -m http.server', { timeout: 60_000 });
    await expect(ports.getByRole('listitem')).toHaveCount(1);
    const opened = context.waitForEvent('page');
    await ports.getByRole('button', { name: 'Open port 8765' }).click();
    const app = await opened;
    await expect(app.getByRole('heading', { name: /Directory listing/ })).toBeVisible();
    expect(app.url()).toBe(`${new URL(lab.url()).origin}/port/8765/`);
    await app.close();
    await runInTerminal(code, 'python3 -m http.server 8766');
    await expect((await showView(code, 'This Server')).getByText('8766').first()).toBeVisible({ timeout: 60_000 });
  });

  test('an image is shared from VS Code’s panel, with one person', async () => {
    const images = await showView(code, 'Images');
    await chooseFromRow(code, images.getByText('code-env:1').first(), /^Share/);
    await pick(code, /Share with a person/);
    await typeAnswer(code, 'eve');
    const shared = async (): Promise<string[]> =>
      (await eve.call(listImages, { query: { origin: 'shared' } })).items.map(
        ({ name, version }) => `${name}:${version}`,
      );
    await expect.poll(shared, { timeout: 30_000 }).toEqual(['code-env:1']);
  });

  test('Reset gives both a fresh container, from their panels, and the editors come back', async () => {
    test.setTimeout(600_000);
    const renewed = async (editor: Page, reset: () => Promise<void>): Promise<void> => {
      const [before] = await containersOf(serverId(editor));
      await reset();
      const fresh = async (): Promise<boolean> => {
        const now = await containersOf(serverId(editor));
        return now.length === 1 && now[0] !== before;
      };
      await expect.poll(fresh, { timeout: 120_000 }).toBe(true);
    };
    await renewed(lab, async () => {
      await (await showPanel(lab)).getByRole('button', { name: 'More actions' }).first().click();
      await lab.getByRole('menuitem', { name: 'Reset…' }).click();
      const question = lab.getByRole('alertdialog');
      await expect(question).toContainText('/data');
      await question.getByRole('button', { name: 'Reset now' }).click();
      await lab.getByRole('button', { name: 'Reload' }).click();
    });
    await renewed(code, async () => {
      const view = await showView(code, 'This Server');
      await chooseFromRow(code, view.getByText('code', { exact: true }).first(), /^Reset/);
      const question = code.locator('.monaco-dialog-box');
      await expect(question).toContainText('/data');
      await question.getByRole('button', { name: 'Reset now' }).click();
    });
    // The page of JupyterLab waits for the new container by itself.
    await showPanel(lab);
    await code.reload();
    await expect((await showView(code, 'This Server')).getByText('Memory').first()).toBeVisible({ timeout: 120_000 });
    expect(await readFile(code, 'probe.txt')).toContain('tide');
  });

  test('usage grows', async () => {
    const minutes = async (): Promise<number> => (await ada.call(getUsageSummary, {})).today.minutes;
    const before = await minutes();
    expect(before).toBeGreaterThan(1);
    await expect.poll(minutes, { timeout: 60_000 }).toBeGreaterThan(before);
    await expect((await showPanel(lab)).getByText('Today').first()).toBeVisible();
    await expect((await showView(code, 'Usage')).getByText('Today').first()).toBeVisible();
  });

  test('both editors warn before the release, and Keep keeps', async () => {
    test.setTimeout(900_000);
    await (await showPanel(lab)).getByRole('button', { name: /24 hours/ }).click();
    await lab.getByRole('option', { name: POLICY }).click();
    await runCommand(code, 'Davit: Choose Release Policy');
    await pick(code, POLICY);
    const policyOf = async (editor: Page) =>
      (await ada.call(getServer, { params: { id: serverId(editor) } })).releasePolicy;
    for (const editor of [lab, code]) await expect.poll(() => policyOf(editor)).toBe('automatic');

    // Nobody touches the open pages: they are warned of 100 seconds before the five minutes are over.
    // VS Code takes its notice away after some seconds, so each is answered when it comes.
    const keep = async (editor: Page): Promise<void> => {
      const button = editor.getByRole('button', { name: 'Keep 2 h' });
      await expect(button).toBeVisible({ timeout: 700_000 });
      await button.click();
    };
    await Promise.all([lab, code].map(keep));
    for (const editor of [lab, code]) {
      const keptFor = async (): Promise<number> => {
        const { release } = await ada.call(getServer, { params: { id: serverId(editor) } });
        return Date.parse(release?.keepUntil ?? '') - Date.now();
      };
      await expect.poll(keptFor, { timeout: 30_000 }).toBeGreaterThan(6_000_000);
    }
  });

  test('Release frees everything, and the containers are gone', async () => {
    test.setTimeout(300_000);
    await (await showPanel(lab)).getByRole('button', { name: 'Release', exact: true }).click();
    const question = lab.getByRole('alertdialog');
    await expect(question).toContainText('/data');
    await question.getByRole('button', { name: 'Release now' }).click();
    await expect(lab.getByText('The server is released').first()).toBeVisible({ timeout: 60_000 });
    await runCommand(code, 'Davit: Release Now');
    await code.locator('.monaco-dialog-box').getByRole('button', { name: 'Release now' }).click();
    for (const editor of [lab, code]) {
      await expect.poll(() => containersOf(serverId(editor)), { timeout: 60_000 }).toEqual([]);
    }
  });
});
