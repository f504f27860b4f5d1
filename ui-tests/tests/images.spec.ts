import { expect, test, type Browser, type Locator, type Page } from '@playwright/test';
import { deleteServer, listImageJobs, listImages, type ImageJob } from '@davit/contract';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from '../../hub/test/hubClient.ts';
import { ADMIN, HubProcess } from '../../hub/test/hubProcess.ts';
import { containersOf, runEngineCommand } from '../../hub/test/hubServers.ts';
import { signIn as signInOnPage } from '../src/pages.ts';

/** Enough that a save of it is still on its way when it is cancelled. */
const BALLAST_MB = 600;
/** The first step speaks at once, the second goes on for longer than any of these tests. */
const ENDLESS = 'FROM ${BASE}\nRUN echo tide-$((6 * 7))\nRUN sleep 3600\n';
const QUICK = 'FROM ${BASE}\nRUN echo tide-$((6 * 7)) > /tmp/tide\n';

/**
 * The pages about images, on real containers: save from a server's menu, cancel, share, publish, describe, delete; an admin
 * builds from a Dockerfile and reads along. The steps build on each other.
 */
test.describe.serial('the pages about images', () => {
  let hub: HubProcess;
  let ada: Person;
  let eve: Person;
  let admin: Person;
  let page: Page;
  let eves: Page;
  let serverId: string;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(900_000);
    hub = await HubProcess.start();
    admin = await signIn(hub);
    ada = await newPerson(hub, admin, 'ada');
    eve = await newPerson(hub, admin, 'eve');
    serverId = (await newServer(ada, 'jupyterlab', 'lab')).id;
    await untilPhase(ada, serverId, ['running'], 600_000);
    page = await pageOf(browser, 'ada', 'ada-and-a-password');
    eves = await pageOf(browser, 'eve', 'eve-and-a-password');
  });

  test.afterAll(async () => {
    await deleteAllServers(ada);
    await page.context().close();
    await eves.context().close();
    await hub.dispose();
  });

  async function pageOf(browser: Browser, name: string, password: string): Promise<Page> {
    const opened = await (await browser.newContext()).newPage();
    await signInOnPage(opened, hub.url, name, password);
    return opened;
  }

  const lastJob = async (person: Person): Promise<ImageJob | undefined> =>
    (await person.call(listImageJobs, {})).items[0];
  const ownImages = async (person: Person): Promise<string[]> =>
    (await person.call(listImages, { query: { origin: 'own' } })).items.map(
      ({ name, version }) => `${name}:${version}`,
    );
  const imageRow = (on: Page, tag: string): Locator => on.locator('li[data-image]').filter({ hasText: tag });
  const inContainer = async (...command: string[]): Promise<void> => {
    const [container = ''] = await containersOf(serverId);
    await runEngineCommand(['exec', container, ...command]);
  };

  async function showImages(on: Page): Promise<void> {
    await on.getByRole('link', { name: 'Images', exact: true }).click();
    await expect(on.getByRole('heading', { name: 'Images', level: 1 })).toBeVisible();
    await expect(imageRow(on, 'JupyterLab').first()).toBeVisible();
  }

  async function choose(tag: string, item: string): Promise<Locator> {
    await page.getByRole('button', { name: `Actions for ${tag}`, exact: true }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
    return page.getByRole(item === 'Delete' ? 'alertdialog' : 'dialog');
  }

  /** Fills in the form behind the menu of the server and sends it off; gives the log that opens. */
  async function save(version: string): Promise<Locator> {
    await page.getByRole('button', { name: /^More actions for lab/ }).click();
    await page.getByRole('menuitem', { name: 'Save as image' }).click();
    const form = page.getByRole('dialog', { name: 'Save lab as an image' });
    await expect(form).toContainText('/data/private/default', { timeout: 60_000 });
    await form.getByLabel('Name').fill('env');
    await form.getByLabel('Version').fill(version);
    await form.getByRole('button', { name: 'Save as image' }).click();
    const log = page.getByRole('dialog', { name: `Log of env:${version}` });
    await expect(log).toBeVisible({ timeout: 60_000 });
    return log;
  }

  test('a save from the menu of a server shows its progress, and leaves nothing when it is cancelled', async () => {
    test.setTimeout(400_000);
    await inContainer('dd', 'if=/dev/urandom', 'of=/opt/venv/ballast', 'bs=1M', `count=${BALLAST_MB}`);
    const log = await save('1');
    await expect(log.getByRole('progressbar')).toBeVisible();
    await log.getByRole('button', { name: /^Cancel/ }).click();
    await expect.poll(async () => (await lastJob(ada))?.phase, { timeout: 120_000 }).toBe('cancelled');
    await expect(log).toContainText('cancelled');
    await expect(log.getByRole('progressbar')).toHaveCount(0);
    await page.keyboard.press('Escape');
    expect(await ownImages(ada)).toEqual([]);
    await inContainer('rm', '/opt/venv/ballast');
  });

  test('the same version saves again, and stands among the images', async () => {
    test.setTimeout(400_000);
    const log = await save('1');
    await expect(log).toContainText('done', { timeout: 300_000 });
    await page.keyboard.press('Escape');
    await showImages(page);
    await expect(imageRow(page, 'env:1')).toContainText('own');
    expect(await ownImages(ada)).toEqual(['env:1']);
  });

  test('another person sees an image once it is shared, and may not change it', async () => {
    const names = (await eve.call(listImages, { query: { limit: 200 } })).items.map(({ name }) => name);
    expect(names).toContain('jupyterlab');
    expect(names).not.toContain('env');
    await showImages(eves);
    await expect(imageRow(eves, 'env:1')).toHaveCount(0);
    const dialog = await choose('env:1', 'Share');
    await dialog.getByLabel('Name').fill('eve');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('button', { name: 'Save who it is shared with' }).click();
    await expect(dialog).toBeHidden();
    await expect(imageRow(page, 'env:1')).toContainText('shared with eve');
    // Without a reload: the hub tells her page.
    await expect(imageRow(eves, 'ada/env:1')).toContainText('shared');
    await eves.getByRole('button', { name: 'Actions for ada/env:1' }).click();
    await expect(eves.getByRole('menuitem')).toHaveText(['Copy the name']);
    await eves.keyboard.press('Escape');
  });

  test('a description is seen by whoever sees the image, and so is the place in the library of all', async () => {
    const description = await choose('env:1', 'Edit the description');
    await description.getByLabel('Description').fill('Tide tables and their plots');
    await description.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(imageRow(eves, 'ada/env:1')).toContainText('Tide tables and their plots');
    const publish = await choose('env:1', 'Add to the library of all');
    await publish.getByRole('button', { name: 'Add to the library', exact: true }).click();
    await expect(imageRow(page, 'env:1')).toContainText('in the library');
    const all = (await admin.call(listImages, { query: { origin: 'public' } })).items;
    expect(all.map(({ name, ownerName }) => `${ownerName ?? ''}/${name}`)).toEqual(['ada/env']);
  });

  test('it is not deleted while a server uses it, which is named; then it goes', async () => {
    const user = await newServer(ada, 'env', 'from-env', false);
    const dialog = await choose('env:1', 'Delete');
    await dialog.getByRole('button', { name: 'Delete the image' }).click();
    await expect(dialog).toContainText('from-env of ada');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await ownImages(ada)).toEqual(['env:1']);
    await ada.call(deleteServer, { params: { id: user.id } });
    const again = await choose('env:1', 'Delete');
    await expect(async () => {
      await again.getByRole('button', { name: 'Delete the image' }).click({ timeout: 3000 });
      await expect(again).toBeHidden({ timeout: 3000 });
    }).toPass({ timeout: 60_000 });
    await expect(imageRow(page, 'env:1')).toHaveCount(0);
    await expect(imageRow(eves, 'ada/env:1')).toHaveCount(0);
    // Both still show the other images: an empty or broken page would have no such row either.
    for (const on of [page, eves]) await expect(imageRow(on, 'JupyterLab').first()).toBeVisible();
    expect(await ownImages(ada)).toEqual([]);
  });

  test('an admin builds from a Dockerfile, reads along, cancels, and builds the better one', async ({ browser }) => {
    test.setTimeout(600_000);
    const admins = await pageOf(browser, ADMIN.name, ADMIN.password);
    await admins.goto(`${hub.url}/admin/images`);
    const build = async (dockerfile: string, version: string): Promise<Locator> => {
      await admins.getByRole('button', { name: 'Build from a Dockerfile' }).click();
      const form = admins.getByRole('dialog', { name: 'Build an image' });
      await form.getByLabel('Name').fill('tide');
      await form.getByLabel('Version').fill(version);
      await form.getByRole('button', { name: /Image to build on/ }).click();
      await admins.getByRole('option', { name: 'JupyterLab', exact: true }).click();
      await form.getByLabel('Dockerfile').fill(dockerfile);
      await form.getByRole('button', { name: 'Build', exact: true }).click();
      return admins.getByRole('dialog', { name: `Log of tide:${version}` });
    };
    const log = await build(ENDLESS, '1');
    await expect(log.getByRole('log')).toContainText('tide-42', { timeout: 300_000 });
    expect((await lastJob(admin))?.phase).toBe('building');
    await log.getByRole('button', { name: /^Cancel/ }).click();
    await expect.poll(async () => (await lastJob(admin))?.phase, { timeout: 120_000 }).toBe('cancelled');
    await admins.keyboard.press('Escape');
    const better = await build(QUICK, '2');
    await expect(better).toContainText('done', { timeout: 300_000 });
    await admins.keyboard.press('Escape');
    await expect(admins.getByRole('row', { name: /tide:2/ })).toContainText('ready');
    expect(await ownImages(admin)).toEqual(['tide:2']);
    await admins.context().close();
  });
});
