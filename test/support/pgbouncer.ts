import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { notOnPath } from './on-path.ts'
import { type PostgresServer, runAs } from './postgresql.ts'
import { freePort } from './process.ts'

const POLL_MS = 20
const DEADLINE_MS = 20_000

/** Why no test can start a pgbouncer; undefined where one can. */
export function noPgbouncer(): string | undefined {
  return notOnPath('pgbouncer')
}

/** A pgbouncer in transaction mode: each transaction has whichever of a few sessions is free. */
export interface Pgbouncer {
  url(query?: string): string
  remove(): Promise<void>
}

export async function startPgbouncer(server: PostgresServer, sessions = 4): Promise<Pgbouncer> {
  const port = await freePort()
  const settings = server.keep(
    'pgbouncer.ini',
    `[databases]
     postgres = host=127.0.0.1 port=${server.port} user=postgres
     [pgbouncer]
     listen_addr = 127.0.0.1
     listen_port = ${port}
     unix_socket_dir =
     auth_type = any
     pool_mode = transaction
     default_pool_size = ${sessions}
     max_client_conn = 200\n`.replace(/^ +/gm, ''),
  )
  const child: ChildProcess = spawn('pgbouncer', ['-q', settings], { ...runAs(), stdio: 'ignore' })
  const url = (query = '') =>
    `postgres://postgres@127.0.0.1:${port}/postgres${query === '' ? '' : `?${query}`}`
  const deadline = performance.now() + DEADLINE_MS
  while (!(await answers(url()))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`)
    if (performance.now() > deadline) throw new Error(`pgbouncer does not answer within ${DEADLINE_MS} ms`)
    await delay(POLL_MS)
  }
  return {
    url,
    async remove() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
