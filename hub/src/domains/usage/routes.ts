import { exportUsage, getUsageSummary, listUsage } from '@davit/contract';
import type { ApiRouter } from '../../platform/http.ts';
import { TextAnswer } from '../../platform/textAnswer.ts';
import type { UsageService } from './service.ts';

/** Binds the endpoints of usage. */
export function usageRoutes(api: ApiRouter, service: UsageService): void {
  api
    .on(listUsage, ({ query }, { actor }) => service.list(actor, query))
    .on(getUsageSummary, ({ query }, { actor }) => service.summary(actor, query))
    .on(exportUsage, async ({ query }, { actor }) => new TextAnswer(await service.file(actor, query)));
}
