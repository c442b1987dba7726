import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createListener, createMetricsApp } from './app.ts'
import { tellMade } from './bootstrap/welcome.ts'
import type { Deps } from './deps.ts'
import { createHttpServer } from './http/http-server.ts'
import { openDeps } from './open-deps.ts'
import { systemClock } from './platform/clock.ts'
import { type Config, isTrustworthy } from './platform/config.ts'
import { EX_TEMPFAIL, OperatorError } from './platform/errors.ts'
import { createLogger } from './platform/logger.ts'

/** Requests that are under way get this long to end before their connections are cut. */
const DRAIN_MS = 10_000
const SWEEP_MS = 50

/**
 * Serves until it is asked to stop, and then drains.
 * @throws OperatorError when the server cannot be started; nothing stays open then
 */
export async function serve(config: Config, stop: AbortSignal): Promise<void> {
  const logger = createLogger(config.logLevel)
  const deps = await openDeps(config, systemClock, logger)
  if (stop.aborted) return deps.close()
  const made = await deps.bootstrap.run().catch(async error => {
    // An open database would keep the process from ending.
    await deps.close()
    throw error
  })
  // Told before anything else can fail: the key and the password are not to be had again.
  process.stdout.write(tellMade(made, config))
  if (!isTrustworthy(config.publicUrl))
    logger.warn(
      { url: config.publicUrl },
      'Nobody can sign in to the console at this address: browsers let a page do that over https and on the loopback address alone. Set PUBLIC_URL to an https address, or use the console on this machine.',
    )
  const servers = await startServing(deps)
  deps.retention.start()
  logger.info({ url: config.publicUrl, database: deps.database.kind }, 'Sentinel Pass is ready')

  if (!stop.aborted) await once(stop, 'abort')
  logger.info({ signal: stop.reason }, 'stopping: no new requests, finishing those under way')
  try {
    await drain(servers, deps)
  } catch (error) {
    logger.fatal({ err: error }, 'the stop failed')
    process.exitCode = 1
  }
  // A collector that does not answer would go on being tried, and keep the process.
  if (config.tracing) process.exit()
}

async function startServing(deps: Deps): Promise<Server[]> {
  try {
    await deps.resourceServers.provisioning.run()
    return await listen(deps)
  } catch (error) {
    await deps.close()
    throw error
  }
}

async function listen(deps: Deps): Promise<Server[]> {
  const { host, port, metricsPort } = deps.config
  const servers: Server[] = []
  const listenOn = async (listener: RequestListener, number: number, setting: string) => {
    const server = createHttpServer(deps.logger, listener)
    servers.push(await listening(server.listen(number, host), setting))
  }
  try {
    await listenOn(createListener(deps), port, 'PORT')
    if (metricsPort !== undefined)
      await listenOn(createMetricsApp(deps).callback(), metricsPort, 'METRICS_PORT')
    return servers
  } catch (error) {
    // An open port would keep the process from ending.
    for (const server of servers) server.close()
    throw error
  }
}

function listening(server: Server, setting: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('listening', () => resolve(server))
    server.once('error', error =>
      reject(new OperatorError(`${setting} cannot be listened on: ${error.message}`, EX_TEMPFAIL)),
    )
  })
}

async function drain(servers: readonly Server[], deps: Deps): Promise<void> {
  const closed = servers.map(server => new Promise(resolve => server.close(resolve)))
  for (const server of servers)
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'))
  // Connections whose request was under way become idle when it is answered, and would stay open for the next one.
  const sweep = setInterval(() => {
    for (const server of servers) server.closeIdleConnections()
  }, SWEEP_MS)
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, DRAIN_MS)
  await Promise.all(closed)
  clearInterval(sweep)
  clearTimeout(cut)
  await deps.close()
  deps.logger.info('stopped')
}
