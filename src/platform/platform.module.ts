import type { Config } from './config.ts'
import type { Logger } from './logger.ts'
import { ServerMetrics } from './metrics.ts'
import { SecretKeys } from './secret-keys.ts'
import { SlowHash } from './slow-hash.ts'
import type { Tracing } from './tracing.ts'
import type { TracingSettings } from './tracing-settings.ts'

/** What every part of a process shares. */
export async function platformModule({
  config,
  logger,
}: {
  readonly config: Config
  readonly logger: Logger
}) {
  const metrics = new ServerMetrics()
  return {
    metrics,
    /** Undefined: requests have no traces. */
    tracing: config.tracing && (await loadTracing(config.tracing, config.publicUrl, logger)),
    keys: new SecretKeys(config.secretKeys),
    slowHash: new SlowHash(config.slowHash, seconds => metrics.slowHashSeconds.observe(seconds)),
  }
}

async function loadTracing(settings: TracingSettings, publicUrl: string, logger: Logger): Promise<Tracing> {
  const { openTracing } = await import('./open-telemetry.ts')
  return openTracing(settings, new URL(publicUrl).protocol.replace(':', ''), logger)
}
