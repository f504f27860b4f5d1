import {
  getRelease,
  keepServer,
  listImageJobs,
  openServer,
  releaseServer,
  resetServer,
  setReleasePolicy,
  type Freed,
  type ReleaseState,
  type RouteCall,
} from '@davit/contract';
import { goingOn } from '@davit/ui/plain';
import { sizeOf, span } from '../rows/format.ts';
import { lossesText } from '../release/losses.ts';
import type { Row } from '../rows/row.ts';
import { chosen, currentServer, SayError, type Command, type CommandContext } from './context.ts';
import type { Choice } from './desk.ts';

/** How long *Keep* keeps. */
const KEEP_HOURS = 2;

/** Stops the server and frees everything, after a look at what would be lost. */
export const releaseNow: Command = async (context) => {
  const { call, desk, language, model } = context;
  const server = await currentServer(context);
  const { release } = language.texts;
  await confirmLosses(context, {
    question: release.title(server.name),
    lead: release.lead,
    submit: release.submit,
    saveAll: release.saveAllSubmit,
    notSaved: release.notAllSaved,
  });
  const freed = await desk.during(release.releasing(server.name), call(releaseServer, { params: { id: server.id } }));
  model.server.outdate();
  await desk.inform(release.freed(freedText(freed, context)));
};

/** Replaces the container by a fresh one, after a look at what would be lost. */
export const resetNow: Command = async (context) => {
  const { call, desk, language, model } = context;
  const server = await currentServer(context);
  const { release } = language.texts;
  await confirmLosses(context, {
    question: release.resetTitle(server.name),
    lead: release.resetLead,
    submit: release.resetSubmit,
    saveAll: release.saveAllReset,
    notSaved: release.notAllSavedReset,
  });
  await call(resetServer, { params: { id: server.id } });
  model.server.outdate();
  await desk.inform(release.resetStarted);
};

/** Keeps the server for two hours from now. */
export const keep: Command = async (context) => {
  const { call, desk, language, model } = context;
  const server = await currentServer(context);
  await call(keepServer, { params: { id: server.id }, body: { hours: KEEP_HOURS } });
  model.server.outdate();
  await desk.inform(language.texts.release.kept(span(KEEP_HOURS * 3_600_000, language)));
};

/** Lets the person choose among the policies that are allowed. */
export const choosePolicy: Command = async (context) => {
  const { call, desk, language, model } = context;
  const server = await currentServer(context);
  const { release } = language.texts;
  const { state, allowed } = await call(getRelease, { params: { id: server.id } });
  const current = state?.policy ?? server.releasePolicy;
  const choices = allowed.map((policy) => ({
    label: release.policies[policy],
    description: policy === current ? release.current : undefined,
    value: policy,
  }));
  const policy = chosen(await desk.choose(release.choosePolicy, choices));
  await call(setReleasePolicy, { params: { id: server.id }, body: { policy } });
  model.server.outdate();
  await desk.inform(release.policySet(release.policies[policy]));
};

/** Opens the app on a port in a new tab: that of the row, else one that the person names, which need not be listed. */
export const openPort: Command = async (context, row) => {
  const { target } = row ?? {};
  const port = target?.kind === 'port' ? target.port : await askPort(context);
  await context.desk.open(await urlOf(context, { port }));
};

/** Copies where the owner, signed in, reaches the app on a port. */
export const copyPortAddress: Command = async (context, row) => {
  const address = await addressOf(context, row);
  if (address === undefined) return;
  await context.desk.copy(address);
  await context.desk.inform(context.language.texts.server.addressCopied(address));
};

/** Opens another editor of this server. */
export const openEditor: Command = async (context, row) => {
  const address = await addressOf(context, row);
  if (address !== undefined) await context.desk.open(address);
};

/** The hub's address for what a row stands for: an editor, or an app on a port; only the hub knows its server's host. */
async function addressOf(context: CommandContext, row: Row | undefined): Promise<string | undefined> {
  const { target } = row ?? {};
  if (target?.kind !== 'editor' && target?.kind !== 'port') return undefined;
  return urlOf(context, target.kind === 'port' ? { port: target.port } : { editor: target.editor });
}

async function urlOf(context: CommandContext, body: RouteCall<typeof openServer>['body']): Promise<string> {
  const server = await currentServer(context);
  const { url } = await context.call(openServer, { params: { id: server.id }, body });
  return url;
}

async function askPort(context: CommandContext): Promise<number> {
  await currentServer(context);
  const { desk, language } = context;
  const words = language.texts.server;
  const check = (text: string): string | undefined => (portOf(text) === undefined ? words.badPort : undefined);
  return chosen(portOf(chosen(await desk.write(words.askPort, '8080', check))));
}

function portOf(text: string): number | undefined {
  const port = Number(text);
  return /^\s*\d{1,5}\s*$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** The hub's own pages. */
export const openHub: Command = async ({ hub, desk, language }) => {
  if (!('info' in hub.state)) throw new SayError(language.texts.connection.absent);
  await desk.open(hub.state.info.hubUrl);
};

/** Asks the hub again, for a person who does not want to wait for the next try. */
export const connect: Command = async ({ hub, desk, language }) => {
  await hub.connect();
  if (hub.state.phase !== 'connected') await desk.inform(language.texts.connection.stillAbsent);
};

/** All actions on this server, from the status bar. */
export const showMenu: Command = async (context) => {
  const { desk, language } = context;
  const { menu } = language.texts;
  const server = await currentServer(context);
  const choices: Choice<string>[] = [
    { label: `$(save) ${menu.save}`, value: 'davit.saveImage' },
    { label: `$(debug-stop) ${menu.release}`, value: 'davit.releaseServer' },
    { label: `$(refresh) ${menu.reset}`, value: 'davit.resetServer' },
    { label: `$(watch) ${menu.keep}`, value: 'davit.keepServer' },
    { label: `$(clock) ${menu.policy}`, value: 'davit.choosePolicy' },
    { label: `$(graph) ${menu.usage}`, value: 'davit.showUsage' },
    { label: `$(layout-sidebar-left) ${menu.panel}`, value: 'davit.server.focus' },
    { label: `$(link-external) ${menu.hub}`, value: 'davit.openHub' },
  ];
  await desk.run(chosen(await desk.choose(menu.title(server.name), choices)));
};

/** The warning before a release, with what can be done about it. */
export async function warnOfRelease(context: CommandContext, state: ReleaseState): Promise<void> {
  const { desk, language, model } = context;
  const { release } = language.texts;
  const left = span(Math.max(60_000, Date.parse(state.releaseAt ?? '') - Date.now()), language);
  const answer = await desk.warn(release.warning(model.server.value?.name ?? '', left), release.keep, release.submit);
  if (answer === release.keep) await desk.run('davit.keepServer');
  if (answer === release.submit) await desk.run('davit.releaseServer');
}

interface Question {
  question: string;
  lead: string;
  submit: string;
  saveAll: string;
  /** Said when not everything could be saved. */
  notSaved: string;
}

async function confirmLosses(context: CommandContext, { question, lead, submit, saveAll, notSaved }: Question) {
  const { desk, language } = context;
  const about = { lead, goingOn: await goingOnNow(context) };
  const losses = desk.losses();
  const { release } = language.texts;
  const actions = [...(losses.unsaved.length > 0 ? [saveAll] : []), submit, release.saveImage];
  const answer = chosen(await desk.ask(question, lossesText(losses, about, language), ...actions));
  if (answer === release.saveImage) {
    await desk.run('davit.saveImage');
    chosen(undefined);
  }
  if (answer === saveAll && !(await desk.saveAll())) throw new SayError(notSaved);
}

/** What goes on in this server beyond this window; a hub that cannot tell keeps nobody from going on. */
async function goingOnNow(context: CommandContext): Promise<string[]> {
  const { call, model, language } = context;
  const { id } = await currentServer(context);
  const query = { server: id, active: 'true' };
  const [jobs] = await Promise.all([call(listImageJobs, { query }).catch(() => undefined), model.server.refresh()]);
  return goingOn(model.server.value?.release, jobs?.items ?? [], language.texts.release.goingOn);
}

function freedText({ resources, gpuIds }: Freed, { language }: CommandContext): string {
  return sizeOf({ ...resources, gpu: Math.max(resources.gpu, gpuIds.length) }, language);
}
