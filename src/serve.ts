import { once } from 'node:events'
import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createListener, createMetricsApp } from './app.ts'
import type { Deps } from './deps.ts'
import { drain } from './http/drain.ts'
import { createHttpServer } from './http/http-server.ts'
import { listenAt, type Place } from './http/listening.ts'
import { openDeps } from './open-deps.ts'
import { systemClock } from './platform/clock.ts'
import type { Config } from './platform/config.ts'
import { createLogger } from './platform/logger.ts'
import { prepare } from './prepare.ts'
import type { WorkerLink } from './workers/worker-link.ts'

/**
 * Serves until it is asked to stop, and then drains.
 * @param worker given where this process is one of several, of which the first one prepares for all
 * @throws OperatorError when the server cannot be started; nothing stays open then
 */
export async function serve(config: Config, stop: AbortSignal, worker?: WorkerLink): Promise<void> {
  const logger = createLogger(config.logLevel, undefined, worker && { worker: worker.number })
  const deps = await openDeps(config, systemClock, logger)
  if (stop.aborted) return deps.close()
  const servers = await startServing(deps, worker)
  deps.retention.start()
  if (worker) worker.ready(deps.metrics)
  else logger.info({ url: config.publicUrl, database: deps.database.kind }, 'Sentinel Pass is ready')

  if (!stop.aborted) await once(stop, 'abort')
  try {
    logger.info({ signal: stop.reason }, 'stopping: finishing the requests that are under way')
    deps.operations.endReadiness()
    // Meanwhile readiness says no, and balancers take this server out; it is none the worse for who comes before that.
    await delay(config.drainDelaySeconds * 1000)
    await drain(servers)
    await deps.close()
    logger.info('stopped')
  } catch (error) {
    logger.fatal({ err: error }, 'the stop failed')
    process.exitCode = 1
  }
  await worker?.end()
  // A collector that does not answer would go on being tried, and keep the process.
  if (config.tracing) process.exit()
}

/** Where the settings have the server listen: its own port, and that of the metrics. */
export function placesOf({ host, metricsPort, port }: Config): Place[] {
  const places: Place[] = [{ host, port, setting: 'PORT' }]
  return metricsPort === undefined
    ? places
    : [...places, { host, port: metricsPort, setting: 'METRICS_PORT' }]
}

async function startServing(deps: Deps, worker: WorkerLink | undefined): Promise<Server[]> {
  const servers: Server[] = []
  try {
    const places = placesOf(deps.config)
    if (worker?.isFirst ?? true) await prepare(deps, places)
    for (const place of places) {
      const listener = place.setting === 'PORT' ? createListener(deps) : createMetricsApp(deps).callback()
      const server = createHttpServer(deps.logger, listener, {
        keepAliveMs: deps.config.keepAliveSeconds * 1000,
      })
      servers.push(server)
      await listenAt(server, place, worker ? 'workers' : 'alone')
    }
    return servers
  } catch (error) {
    // An open port or database would keep the process from ending.
    for (const server of servers) server.close()
    await deps.close()
    throw error
  }
}
