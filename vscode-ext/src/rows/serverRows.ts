import type { ReleaseState, Server, ServerMetrics, ServerPhase } from '@davit/contract';
import { shouldWarn } from '@davit/ui/plain';
import type { Language } from '../i18n/language.ts';
import { exactTime, sizeOf, span } from './format.ts';
import { meters, type Meter } from './meters.ts';
import type { Row } from './row.ts';

/** What the view *This server* shows. */
export interface ServerView {
  server: Server;
  metrics: ServerMetrics | undefined;
  /** The editor this runs in, which is not offered again. */
  here: 'code-server';
}

const PHASE_ICON: Record<ServerPhase, Row['icon']> = {
  running: { name: 'vm-running', color: 'charts.green' },
  starting: { name: 'loading~spin' },
  queued: { name: 'loading~spin' },
  stopping: { name: 'loading~spin' },
  deleting: { name: 'loading~spin' },
  'awaiting-approval': { name: 'vm' },
  stopped: { name: 'vm-outline' },
  failed: { name: 'error', color: 'list.errorForeground' },
  unknown: { name: 'question', color: 'list.warningForeground' },
};

/** The rows of *This server*: state, meters, release, editors and ports. */
export function serverRows(view: ServerView, now: number, language: Language): Row[] {
  const { server, metrics } = view;
  return [
    stateRow(server, now, language),
    ...meters(server, metrics, language).map((meter) => meterRow(meter, language)),
    ...(server.release === null ? [] : releaseRows(server.release, now, language)),
    ...editorRows(view, language),
    portsRow(server.ports, language),
  ];
}

/** `running 2 h 10 min` */
export function phaseText(server: Server, now: number, language: Language): string {
  const { texts } = language;
  const phase = texts.server.phases[server.phase];
  if (server.phase !== 'running' || server.startedAt === null) return phase;
  return texts.server.for(phase, span(now - Date.parse(server.startedAt), language));
}

/** When the server is released, in a few words. */
export function releaseText(state: ReleaseState, now: number, language: Language): string {
  const { release } = language.texts;
  if (state.releaseAt !== null) {
    const left = Date.parse(state.releaseAt) - now;
    return left < 60_000 ? release.soon : release.in(span(left, language));
  }
  if (state.keepUntil !== null && Date.parse(state.keepUntil) > now) {
    return release.keptFor(span(Date.parse(state.keepUntil) - now, language));
  }
  return state.policy === 'manual' ? release.manual : release.after(release.policies[state.policy]);
}

function stateRow(server: Server, now: number, language: Language): Row {
  const { texts } = language;
  const tooltip = [
    texts.pair(server.name, phaseText(server, now, language)),
    sizeOf(server.resources, language),
    texts.pair(texts.server.image, server.imageName),
  ];
  if (server.startedAt !== null) tooltip.push(texts.server.since(exactTime(server.startedAt, language)));
  if (server.reason !== null) tooltip.push(texts.hubText(server.reason));
  return {
    id: 'state',
    label: server.name,
    description: sizeOf(server.resources, language),
    tooltip,
    icon: PHASE_ICON[server.phase],
    contextValue: 'davit.server',
  };
}

function meterRow({ id, label, icon, text, bars }: Meter, { texts }: Language): Row {
  const description = text === undefined ? texts.server.notMeasured : `${text}  ${bars}`.trim();
  return { id, label, icon: { name: icon }, description };
}

function releaseRows(state: ReleaseState, now: number, language: Language): Row[] {
  const { release } = language.texts;
  const tooltip = [releaseText(state, now, language)];
  if (state.releaseAt !== null) tooltip.push(release.exact(exactTime(state.releaseAt, language)));
  const when: Row = {
    id: 'release',
    label: releaseText(state, now, language),
    tooltip,
    icon: shouldWarn(state, now) ? { name: 'warning', color: 'list.warningForeground' } : { name: 'clock' },
    contextValue: 'davit.release',
  };
  // Where nothing keeps it, nothing ever releases it, or the line above says why, there is no reason to tell.
  const told = state.policy === 'manual' || state.because.code === 'keep';
  if (state.releaseAt !== null || told) return [when];
  const why = release.because(release.alive[state.because.code]);
  return [when, { id: 'because', label: why, icon: { name: 'heart' } }];
}

function editorRows({ server, here }: ServerView, { texts }: Language): Row[] {
  return server.editors
    .filter((editor) => editor !== here)
    .map((editor) => {
      const ready = server.readyEditors.includes(editor);
      return {
        id: `editor:${editor}`,
        label: texts.server.editors[editor],
        description: ready ? undefined : texts.server.editorStarting,
        icon: { name: editor === 'desktop' ? 'device-desktop' : 'notebook' },
        tooltip: [texts.server.openIn(texts.server.editors[editor])],
        ...(ready ? { command: 'davit.openEditor', contextValue: 'davit.editor' } : {}),
        target: { kind: 'editor', editor },
      };
    });
}

function portsRow(ports: Server['ports'], { texts }: Language): Row {
  const children = (ports ?? []).map(({ port, program }): Row => ({
    id: `port:${port}`,
    label: String(port),
    ...(program === null ? {} : { description: program }),
    tooltip: [texts.server.portTip(port)],
    icon: { name: 'radio-tower' },
    contextValue: 'davit.port',
    command: 'davit.openPort',
    target: { kind: 'port', port },
  }));
  return {
    // The editor keeps a row with the same id as closed as it was without children.
    id: children.length === 0 ? 'ports:none' : 'ports',
    label: texts.server.ports,
    icon: { name: 'plug' },
    ...(children.length === 0
      ? { description: ports === null ? texts.server.portsUnknown : texts.server.noPorts }
      : { children }),
  };
}
