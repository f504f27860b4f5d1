import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { createServer, deleteServer, getMe, listImages, listServers, openServer, updateUser } from '@davit/contract';
import { InstalledChart } from '../../hub/test/chart/install.ts';
import { openLivePage, type LivePage } from '../../hub/test/chart/livePage.ts';
import { mayHub, rightsOf } from '../../hub/test/chart/rights.ts';
import { answersDuring, statusOf } from '../../hub/test/chart/traffic.ts';
import { clusterCommand } from '../../hub/test/engine/cluster.ts';
import { deleteAllServers, imageNamed, newPerson, signIn, type Person } from '../../hub/test/hubClient.ts';
import { enterServer } from '../../hub/test/hubServers.ts';
import type { Claim, List, Pod } from '../../hub/src/drivers/spawner/kubernetes/wire.ts';
import { PIP_INSTALL, saveAs, showPanel } from '../src/davitPanel.ts';
import { coloursOf } from '../src/desktop.ts';
import { runCell } from '../src/jupyterlab.ts';
import { endServer, openEditor, serverRow, signIn as signInOnPage, startServer } from '../src/pages.ts';
import { readFile, runInTerminal } from '../src/vscode.ts';

const CARDS = 4;

/**
 * The same day on a real Kubernetes, by the chart with two hubs: each editor as a pod, save as image and start from it, a
 * hub that dies, an upgrade, cards that are used up, release, and an end of the chart that leaves people's files. The
 * steps build on each other.
 */
test.describe.serial('a day on a cluster', () => {
  let chart: InstalledChart;
  let context: BrowserContext;
  let page: Page;
  let ada: Person;
  let live: LivePage | undefined;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(1_800_000);
    const images: [string, ...string[]] = ['jupyterlab', 'code-server', 'desktop'];
    // Half of what is asked for is reserved: the node has two cores.
    const values = { servers: { floating: true } };
    chart = await InstalledChart.install({ namespace: `davit-day-${Date.now().toString(36)}`, images, values });
    await clusterCommand('gpus', String(CARDS));
    const admin = await signIn(chart);
    ada = await newPerson(chart, admin, 'ada');
    const quota = { servers: 20, cpu: 32, memoryMb: 65_536, gpu: CARDS + 1 };
    await admin.call(updateUser, { params: { id: ada.userId }, body: { quota } });
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
    await signInOnPage(page, chart.url, 'ada', 'ada-and-a-password');
  });

  test.afterEach(async ({}, { status, expectedStatus }) => {
    // The pods are gone when somebody reads of the failure.
    if (status !== expectedStatus) process.stdout.write(await chart.describe());
  });

  test.afterAll(async () => {
    test.setTimeout(600_000);
    await clusterCommand('gpus', '0');
    live?.close();
    await context.close();
    await chart.dispose();
  });

  const signal = () => AbortSignal.timeout(60_000);
  const inServers = async <T>(resource: string): Promise<T[]> =>
    (await chart.api.call<List<T>>('GET', chart.path(resource, chart.serversNamespace), { signal: signal() })).items;
  const pods = () => inServers<Pod>('pods');
  const claims = async () =>
    (await inServers<Claim>('persistentvolumeclaims')).map(({ metadata }) => metadata?.name ?? '').sort();

  test('two hubs run with what they need', async () => {
    const ready = async (component: string) =>
      (await chart.pods(component)).map(({ status }) => status?.containerStatuses?.every((one) => one.ready));
    expect(await ready('hub')).toEqual([true, true]);
    for (const part of ['postgres', 'registry', 'image-saver'])
      expect([part, await ready(part)]).toEqual([part, [true]]);
  });

  test('they have the rights they need and no others', async () => {
    const { needed, none } = rightsOf(chart);
    for (const right of needed) expect([right, await mayHub(chart, right)]).toEqual([right, true]);
    for (const right of none) expect([right, await mayHub(chart, right)]).toEqual([right, false]);
  });

  test('JupyterLab runs a cell as a pod', async () => {
    await startServer(page, 'JupyterLab', 'lab');
    const lab = await openEditor(page, context, 'lab', 'jupyterlab');
    expect(await runCell(lab, PIP_INSTALL)).toContain('installed');
    expect(await pods()).toHaveLength(1);
    expect(await claims()).not.toEqual([]);
  });

  test('it is saved as an image from its panel, and a server starts from that', async () => {
    const [, lab] = context.pages();
    if (lab === undefined) throw new Error('JupyterLab is not open any more');
    await saveAs(lab, 'env', '1');
    await expect(lab.getByText('env:1 is saved').first()).toBeVisible({ timeout: 180_000 });
    await expect((await showPanel(lab)).getByText('env:1').first()).toBeVisible();
    const { items } = await ada.call(listImages, { query: { limit: 200 } });
    expect(items.filter(({ ownerId }) => ownerId === ada.userId).map(({ name }) => name)).toEqual(['env']);
    await startServer(page, 'env:1', 'from-env');
    const second = await openEditor(page, context, 'from-env', 'jupyterlab');
    expect(await runCell(second, 'import harbour_probe; print(harbour_probe.TIDE)')).toBe('42');
    await second.close();
    await endServer(page, 'from-env', 'Delete');
  });

  test('one hub of two dies: page and editor go on', async () => {
    const [, lab] = context.pages();
    const [hub] = await chart.pods('hub');
    const died = `${chart.path('pods')}/${hub?.metadata?.name ?? ''}`;
    await chart.api.call('DELETE', died, { query: { gracePeriodSeconds: 0 }, signal: signal() });
    await page.reload();
    await expect(serverRow(page, 'lab')).toContainText('running');
    if (lab === undefined) throw new Error('JupyterLab is not open any more');
    expect(await runCell(lab, 'print(6 * 7)')).toBe('42');
    // Live, not by a reload: whichever hub the page is connected to tells it.
    const { id } = await imageNamed(ada, 'jupyterlab');
    const quiet = await ada.call(createServer, { body: { name: 'quiet', imageId: id, start: false } });
    await expect(serverRow(page, 'quiet')).toBeVisible();
    await ada.call(deleteServer, { params: { id: quiet.id } });
    await expect(serverRow(page, 'quiet')).toHaveCount(0);
  });

  test('an upgrade loses no session, no request and no live page', async () => {
    const { items } = await ada.call(listServers, {});
    const id = items.find(({ name }) => name === 'lab')?.id ?? '';
    const browser = await enterServer(chart, await ada.call(openServer, { params: { id }, body: {} }));
    // The one that died is replaced before.
    await expect.poll(async () => (await chart.pods('hub')).length, { timeout: 120_000 }).toBe(2);
    const uidsOf = async (part: string) => (await chart.pods(part)).map(({ metadata }) => metadata?.uid);
    const [before, database] = [await uidsOf('hub'), await uidsOf('postgres')];
    live = openLivePage(chart.url, ada);
    const session = { host: `localhost:${chart.port}`, cookie: ada.cookie };
    const answers = await answersDuring(chart.upgrade(), {
      session: () => statusOf(chart.port, '/api/v1/me', session),
      server: () => browser.status('/jupyterlab/api'),
    });
    expect(Object.keys(answers).sort()).toEqual(['server 200', 'session 200']);
    expect(answers['session 200']).toBeGreaterThan(50);
    const after = (await chart.pods('hub')).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    expect(after).toHaveLength(2);
    expect(after.filter(({ metadata }) => before.includes(metadata?.uid))).toEqual([]);
    expect(await uidsOf('postgres')).toEqual(database);
    // The hub that held it may still be draining.
    await expect.poll(() => (live?.connects() ?? 0) > 1 && live?.isConnected(), { timeout: 60_000 }).toBe(true);
    expect((await ada.call(getMe, {})).user.id).toBe(ada.userId);
    const [, lab] = context.pages();
    if (lab === undefined) throw new Error('JupyterLab is not open any more');
    expect(await runCell(lab, 'print(7 * 7)')).toBe('49');
    await lab.close();
    await endServer(page, 'lab', 'Release now');
    expect(await pods()).toEqual([]);
    await endServer(page, 'lab', 'Delete');
  });

  test('VS Code opens a file and a terminal', async () => {
    await startServer(page, 'VS Code', 'code');
    const code = await openEditor(page, context, 'code', 'code-server');
    await runInTerminal(code, 'echo "ahoy $((40+2))" > ~/work/from-code.txt');
    await expect.poll(() => readFile(code, 'from-code.txt'), { timeout: 60_000 }).toMatch(/ahoy\s+42/);
    await code.close();
    await endServer(page, 'code', 'Delete');
  });

  test('the desktop is painted', async () => {
    await startServer(page, 'Desktop', 'desk');
    const desk = await openEditor(page, context, 'desk', 'desktop');
    await expect.poll(() => coloursOf(desk), { timeout: 60_000 }).toBeGreaterThan(20);
    await desk.close();
    await endServer(page, 'desk', 'Delete');
  });

  test('the fifth of four cards waits and says why, until one is released', async () => {
    const { id: imageId } = await imageNamed(ada, 'jupyterlab');
    const resources = { cpu: 0.25, memoryMb: 1024, gpu: 1 };
    const cards = Array.from({ length: CARDS }, (_, index) => `card-${index + 1}`);
    for (const name of cards) await ada.call(createServer, { body: { name, imageId, resources } });
    for (const name of cards) await expect(serverRow(page, name)).toContainText('running', { timeout: 300_000 });
    await ada.call(createServer, { body: { name: 'card-5', imageId, resources } });
    // Below the row: the row itself names the card that was asked for in any case.
    const why = serverRow(page, 'card-5').locator('.server-why');
    await expect(why).toHaveText(`Waits for a free GPU: ${CARDS} of ${CARDS} in use; next in the queue`);
    await endServer(page, 'card-1', 'Release now');
    await expect(serverRow(page, 'card-5')).toContainText('running', { timeout: 300_000 });
    await deleteAllServers(ada);
    await expect.poll(pods, { timeout: 120_000 }).toEqual([]);
  });

  test('people’s files stay when the chart is removed', async () => {
    const before = await claims();
    expect(before).not.toEqual([]);
    await chart.helm('uninstall', chart.release, '--wait', '--timeout', '5m');
    expect(await claims()).toEqual(before);
    await expect.poll(async () => (await chart.pods('hub')).length, { timeout: 120_000 }).toBe(0);
  });
});
