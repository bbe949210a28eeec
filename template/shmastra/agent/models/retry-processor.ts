import type { ErrorProcessor } from '@mastra/core/processors';
import { retryDelay } from './provider-error.ts';

/** Tries a call of a model once more when what failed is likely to be over in a moment. */
export class RetryProcessor implements ErrorProcessor {
  readonly id = 'retry-moment';

  async processAPIError({
    error,
    retryCount,
    abortSignal,
  }: Parameters<ErrorProcessor['processAPIError']>[0]): Promise<{ retry: boolean }> {
    const delayMs = retryCount === 0 ? retryDelay(error) : undefined;
    if (delayMs === undefined || abortSignal?.aborted) return { retry: false };
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      abortSignal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return { retry: abortSignal?.aborted !== true };
  }
}
