import { exportUsage } from '@davit/contract';
import { currentServer, type Command } from './context.ts';

/** Opens chart and table. */
export const showUsage: Command = async (context) => {
  await currentServer(context);
  context.panels.showUsage();
};

/** Writes the usage of the last 30 days by server and day as CSV. */
export const exportUsageCsv: Command = async (context) => {
  const { call, desk, language, model } = context;
  await currentServer(context);
  const csv = await call(exportUsage, { query: { by: 'server-day', timeZone: model.timeZone } });
  const file = await desk.saveFile('usage.csv', csv);
  if (file !== undefined) await desk.inform(language.texts.usage.exported(file));
};
