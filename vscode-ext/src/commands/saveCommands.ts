import { cancelImageJob, type ImageJob } from '@davit/contract';
import { isActive, jobText, tagOf } from '../rows/imageRows.ts';
import type { Row } from '../rows/row.ts';
import { chosen, currentServer, SayError, type Command, type CommandContext } from './context.ts';

/** Opens the form. */
export const saveImage: Command = async (context) => {
  await currentServer(context);
  context.panels.showSave();
};

/** Cancels a save on its way, after a word on what that means. */
export const cancelSave: Command = async (context, row) => {
  const { call, desk, language, model } = context;
  const { save } = language.texts;
  const job = await jobFor(context, row, isActive, { title: save.pickActive, none: save.noneActive });
  chosen(await desk.ask(save.cancelTitle(tagOf(job)), save.cancelLead, save.cancelSubmit));
  await call(cancelImageJob, { params: { id: job.id } });
  model.jobs.outdate();
};

/** Shows the log of a save and follows it. */
export const showLog: Command = async (context, row) => {
  const { save } = context.language.texts;
  context.panels.showLog(await jobFor(context, row, () => true, { title: save.pickJob, none: save.noJobs }));
};

async function jobFor(
  context: CommandContext,
  row: Row | undefined,
  fits: (job: ImageJob) => boolean,
  words: { title: string; none: string },
): Promise<ImageJob> {
  await currentServer(context);
  const { model, desk, language } = context;
  await model.jobs.refresh();
  const jobs = (model.jobs.value ?? []).filter(fits);
  const { target } = row ?? {};
  if (target?.kind === 'job') return chosen(jobs.find(({ id }) => id === target.id));
  const [only] = jobs;
  if (only === undefined) throw new SayError(words.none);
  if (jobs.length === 1) return only;
  const choices = jobs.map((job) => ({ label: tagOf(job), description: jobText(job, language), value: job }));
  return chosen(await desk.choose(words.title, choices));
}
