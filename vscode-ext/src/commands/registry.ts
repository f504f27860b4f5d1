import { CANCELLED, OK, toError, type Result } from '../base/result.ts';
import type { Row } from '../rows/row.ts';
import { CancelledError, SayError, type Command, type CommandContext } from './context.ts';
import { failureText } from './failure.ts';
import * as images from './imageCommands.ts';
import * as saves from './saveCommands.ts';
import * as server from './serverCommands.ts';
import * as usage from './usageCommands.ts';

/** Every command of the extension by the id under which package.json declares it. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  'davit.connect': server.connect,
  'davit.showMenu': server.showMenu,
  'davit.releaseServer': server.releaseNow,
  'davit.resetServer': server.resetNow,
  'davit.keepServer': server.keep,
  'davit.choosePolicy': server.choosePolicy,
  'davit.openPort': server.openPort,
  'davit.copyPortAddress': server.copyPortAddress,
  'davit.openEditor': server.openEditor,
  'davit.openHub': server.openHub,
  'davit.saveImage': saves.saveImage,
  'davit.cancelSave': saves.cancelSave,
  'davit.showLog': saves.showLog,
  'davit.describeImage': images.describeImage,
  'davit.publishImage': images.publishImage,
  'davit.unpublishImage': images.unpublishImage,
  'davit.shareImage': images.shareOwnImage,
  'davit.deleteImage': images.deleteOwnImage,
  'davit.copyImageName': images.copyImageName,
  'davit.showUsage': usage.showUsage,
  'davit.exportUsage': usage.exportUsageCsv,
};

/** Runs a command to its end and says what went wrong; never rejects. */
export async function runCommand(command: Command, context: CommandContext, row: Row | undefined): Promise<Result> {
  try {
    await command(context, row);
    return OK;
  } catch (thrown) {
    if (thrown instanceof CancelledError) return CANCELLED;
    const error = toError(thrown);
    if (error instanceof SayError) void context.desk.inform(error.message);
    else void context.desk.fail(failureText(error, context.language.texts));
    return { error };
  }
}
